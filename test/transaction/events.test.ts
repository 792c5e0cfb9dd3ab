import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { type Ended, Lab } from '../lab/open-lab.ts';

interface Line {
  event?: string;
  id?: string | null;
  step?: string;
  text?: string;
  what?: string;
  current?: number;
  transaction?: { id: string };
}

describe('events for scripts', { timeout: deadline(90_000) }, () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  /** What `--ndjson` printed: each line but the last is an event. */
  const read = ({ stdout }: Ended): { events: Line[]; result: Line } => {
    const events: Line[] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const result = events.pop() ?? {};
    for (const event of events)
      expect(event).toMatchObject({
        jtx: 1,
        verb: expect.any(String),
        event: expect.stringMatching(/^(step|progress|note)$/),
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        id: result.transaction?.id,
      });
    return { events, result };
  };
  const stepsOf = (events: Line[]): (string | undefined)[] =>
    events.filter(({ event }) => event === 'step').map(({ step }) => step);

  it('of an install tell each step, what is downloaded, and at last what --json prints', async () => {
    const ended = await lab.run(['jtx', 'install', 'web', 'tiny', '--ndjson']);
    expect([ended.status, ended.stderr]).toEqual([0, '']);
    const { events, result } = read(ended);
    expect(stepsOf(events)).toEqual([
      ...['started', 'snapshot', 'fetching', 'planning', 'applying', 'comparing', 'verifying', 'committing'],
    ]);
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'progress', what: expect.stringContaining('tiny'), unit: 'bytes' }),
    );
    expect(result).toEqual({
      jtx: 1,
      verb: 'install',
      transaction: {
        id: expect.stringMatching(/^[0-9A-Z]{26}$/),
        jail: 'web',
        verb: 'install',
        state: 'committed',
        error: null,
        signal: null,
        plan: expect.stringContaining('tiny'),
        changes: [{ name: 'tiny', origin: expect.any(String), from: null, to: '1.0' }],
        verifications: expect.arrayContaining([expect.objectContaining({ tier: 'check', passed: true })]),
        messages: [],
        snapshot: `${jail.dataset}@jtx-${result.transaction?.id}`,
        aside: null,
        notes: expect.any(Array),
        leftOut: expect.any(Array),
        warnings: [],
      },
    });
  });

  it('of a command have all that it says, whatever that is, and how it went back', async () => {
    const said = 'one\n{"jtx":1,"verb":"run"}\n\x1b[2J\u2028"';
    const command = ['sh', '-c', 'printf %s "$1"; exit 3', 'sh', said];
    const ended = await lab.run(['jtx', 'run', 'web', '--ndjson', '--', ...command]);
    expect(ended.status).toBe(4);
    const { events, result } = read(ended);
    const notes = events.filter(({ event }) => event === 'note').map(({ text }) => text);
    expect(notes.join('')).toBe(said);
    expect(stepsOf(events).slice(-2)).toEqual(['running', 'rolling back']);
    expect(result.transaction).toMatchObject({ state: 'rolled-back', error: { code: 'command-failed' } });
  });

  it('that nobody can have do not end a change', async () => {
    const left = await lab.sh('set -o pipefail; jtx install web tiny --ndjson | true; echo $?');
    expect(left.stdout.trim()).toBe('0');
    expect(await jail.packages()).toEqual(['tiny-1.0']);
    const full = await lab.sh('jtx install web libfoo --ndjson > /dev/full; echo $?');
    expect(['0', '1']).toContain(full.stdout.trim());
    expect(await jail.packages()).toEqual(['libfoo-1.0', 'tiny-1.0']);
  });
});
