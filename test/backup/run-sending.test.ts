import { describe, expect, it } from 'vitest';
import { runSending } from '../../src/backup/run-sending.ts';
import type { Command } from '../../src/host/run.ts';

function shell(script: string): Command {
  return ['sh', '-c', script];
}

/** Says what zfs-send(8) does, each so many bytes after another tenth of a second. */
function telling(...sent: number[]): string {
  const lines = sent.map((bytes) => `sleep 0.1; printf '00:00:01\\t${bytes}\\tz@a\\n' >&2`);
  return ["printf 'size\\t9\\n' >&2", ...lines].join('\n');
}

describe('a stream', () => {
  it('that stands still is ended, however often it says so', async () => {
    const seen: number[] = [];
    const begun = Date.now();
    const script = `${telling(1, 2)}; while :; do printf '00:00:01\\t2\\tz@a\\n' >&2; sleep 0.1; done`;
    const running = runSending([shell(script), ['sleep', '100']], {
      silence: 1500,
      tell: ({ sent }) => seen.push(sent),
    });
    await expect(running).rejects.toMatchObject({
      code: 'target-stalled',
      message: expect.stringContaining('stood still for 1.5 s'),
    });
    expect(Date.now() - begun).toBeLessThan(30_000);
    expect([seen[0], seen.at(-1)]).toEqual([0, 2]);
  });

  it('that moves goes on for longer than it may stand still, and what it said last counts no more at its end', async () => {
    const script = telling(...Array.from({ length: 30 }, (_, at) => at));
    const finished = await runSending([shell(script), ['cat']], { silence: 2000, tell: () => undefined });
    expect(finished.map(({ status }) => status)).toEqual([0, 0]);
  });

  it('of which nothing is told may take its time', async () => {
    const finished = await runSending([['sleep', '0.5'], ['cat']], { silence: 100, tell: () => undefined });
    expect(finished.map(({ status }) => status)).toEqual([0, 0]);
  });

  it('that a person ends was not standing still', async () => {
    const finished = await runSending([['sleep', '100'], ['cat']], {
      silence: 60_000,
      abort: AbortSignal.abort(2),
      tell: () => undefined,
    });
    expect(finished[0]?.status).toBe(137);
  });
});
