import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { failedStage, requireWhole, runPipeline } from '../../src/host/pipeline.ts';
import { type Command, type Finished, runCommand } from '../../src/host/run.ts';
import { isAlive } from './is-alive.ts';
import { temporaryDirectory } from './temporary.ts';

const shell = (script: string): Command => ['sh', '-c', script];
const statuses = (finished: readonly Finished[]): number[] => finished.map(({ status }) => status);

/** What this process has open, but what node itself opens and closes. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return /pipe|fifo|socket/.test(target) ? [target] : [];
    } catch {
      return [];
    }
  });
}

describe('a pipeline', () => {
  it('gives what the last says, and how each ended', async () => {
    const finished = await runPipeline([shell('printf abc'), ['tr', 'a-c', 'A-C'], ['cat']]);
    expect(statuses(finished)).toEqual([0, 0, 0]);
    expect(finished.at(-1)?.stdout).toBe('ABC');
    expect(failedStage(finished)).toBeUndefined();
  });

  it('a first that fails before a healthy second is a failure', async () => {
    const finished = await runPipeline([shell('echo half; echo "it broke" >&2; exit 3'), ['cat']]);
    expect(statuses(finished)).toEqual([3, 0]);
    expect(failedStage(finished)?.status).toBe(3);
    expect(() => requireWhole(finished)).toThrow('sh: it broke');
  });

  it.each([
    ['the first', [shell('kill -9 $$'), ['cat']], [137, 0], 137],
    ['the middle', [shell('cat /dev/zero'), shell('head -c 10; exit 7'), ['cat']], [141, 7, 0], 7],
    ['the last', [shell('cat /dev/zero'), shell('head -c 10 >/dev/null; exit 9')], [141, 9], 9],
    ['a missing program', [['/no/such/program'], ['cat']], [127, 0], 127],
    ['a missing program at the end', [shell('cat /dev/zero'), ['/no/such/program']], [141, 127], 127],
  ] as const)('to blame: %s', async (_what, commands, expected, blamed) => {
    const finished = await runPipeline(commands);
    expect(statuses(finished)).toEqual(expected);
    expect(failedStage(finished)?.status).toBe(blamed);
    expect(() => requireWhole(finished)).toThrow();
  });

  it('a reader that ends early ends an endless writer, which is to blame where nobody else is', async () => {
    const finished = await runPipeline([
      ['cat', '/dev/zero'],
      ['head', '-c', '1000'],
    ]);
    expect(statuses(finished)).toEqual([141, 0]);
    expect(failedStage(finished)?.status).toBe(141);
  });

  it('reads from a file and writes into one, byte for byte', async () => {
    const directory = temporaryDirectory();
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7919) % 256));
    writeFileSync(join(directory, 'in'), bytes);
    const from = openSync(join(directory, 'in'), 'r');
    const into = openSync(join(directory, 'out'), 'w');
    const finished = await runPipeline([['zstd', '-qc'], ['cat'], ['zstd', '-dqc']], { from, into });
    closeSync(from);
    closeSync(into);
    expect(statuses(finished)).toEqual([0, 0, 0]);
    expect(readFileSync(join(directory, 'out')).equals(bytes)).toBe(true);
  });

  it('tells what each says on standard error as it comes', async () => {
    const said: string[] = [];
    await runPipeline([shell('printf ä >&2'), shell('cat; echo two >&2')], {
      onError: (stage, chunk) => said.push(`${stage} ${chunk.trim()}`),
    });
    expect(said.sort()).toEqual(['0 ä', '1 two']);
  });

  it('an abort ends all, with what they have started', async () => {
    let groups: readonly number[] = [];
    const controller = new AbortController();
    const running = runPipeline([shell('sleep 100 & wait'), shell('sleep 100 | cat'), ['cat']], {
      abort: controller.signal,
      onStart(started) {
        groups = started;
        setTimeout(() => controller.abort(2), 100);
      },
    });
    const finished = await running;
    expect(statuses(finished)).toEqual([137, 137, 137]);
    expect(groups).toHaveLength(3);
    for (const group of groups) await expect.poll(() => isAlive(-group), { timeout: 10_000 }).toBe(false);
  });

  it('one that is aborted before it begins ends at once', async () => {
    const begun = Date.now();
    const finished = await runPipeline([['sleep', '100'], ['cat']], { abort: AbortSignal.abort(2) });
    expect(finished[0]?.status).toBe(137);
    expect(Date.now() - begun).toBeLessThan(10_000);
  });

  it('does not wait for a daemon that a stage leaves behind', async () => {
    const begun = Date.now();
    const finished = await runPipeline([['echo', 'x'], shell('cat; setsid sleep 30 & exit 0')]);
    expect([statuses(finished), finished.at(-1)?.stdout]).toEqual([[0, 0], 'x\n']);
    expect(Date.now() - begun).toBeLessThan(20_000);
  });

  it('each stage has nothing open but what it needs, and nothing is left open here', async () => {
    const before = openFiles();
    const list = shell('ls -l /proc/self/fd >&2; cat > /dev/null');
    const open = ({ stderr }: Finished): string[] =>
      [...stderr.matchAll(/ (\d+) -> (?!.*\/proc\/)/g)].map(([, fd]) => fd ?? '');
    // What this very process was given by its parent.
    const usual = open(await runCommand(list));
    for (const stage of await runPipeline([list, list, list])) expect(open(stage)).toEqual(usual);
    for (let run = 0; run < 20; run += 1) await runPipeline([['true'], ['/no/such/program'], ['true']]);
    await sleep(100);
    expect(openFiles().length).toBeLessThanOrEqual(before.length);
  });

  it('whoever is signalled later than its end is nobody', async () => {
    const controller = new AbortController();
    await runPipeline([['true'], ['true']], { abort: controller.signal });
    expect(() => controller.abort(2)).not.toThrow();
  });
});
