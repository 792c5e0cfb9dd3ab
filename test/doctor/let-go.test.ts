import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';

interface Told {
  id: string;
  snapshot: string | null;
  aside: string | null;
}

describe('what jtx itself let go', { timeout: deadline(240_000) }, () => {
  const lab = openForTests(new Lab());
  const web = jailForTests(lab, 'web');

  /** What doctor says of the jail. */
  const findings = async (): Promise<string[]> => {
    const { stdout } = await lab.run(['jtx', 'doctor', '--json']);
    return JSON.parse(stdout)
      .findings.filter(({ about }: { about: string }) => about === 'web')
      .map(({ says }: { says: string }) => says);
  };

  const history = async (): Promise<Told[]> =>
    JSON.parse((await lab.run(['jtx', 'history', 'web', '--json'])).stdout).transactions.map(
      ({ id, snapshot, aside }: Told) => ({ id, snapshot, aside }),
    );

  it('by the retention is missed by nobody; what somebody else destroyed is', async () => {
    for (const word of ['one', 'two', 'three'])
      expect((await web.jtx('run', '--', 'sh', '-c', `echo ${word} > /state`)).state).toBe('committed');
    const [third, second, first] = await history();
    appendFileSync(join(lab.directory, 'jtx.toml'), '[retention]\ntransactions = "last 2"\n');
    expect((await lab.run(['jtx', 'prune'])).status).toBe(0);
    expect(await history()).toEqual([third, second, { ...first, snapshot: null }]);
    expect(await findings()).toEqual([]);
    await lab.must('zfs destroy -r "$1"', second?.snapshot ?? '');
    expect(await findings()).toEqual([
      `${second?.snapshot} is gone: nothing can go back to before ${second?.id}`,
    ]);
    expect(await web.jtx('rollback', first?.id ?? '')).toMatchObject({ status: 3, code: 'snapshot-missing' });
  });

  it('of a failed change, with jtx aside drop, is named no more', async () => {
    const failed = await web.jtx('install', 'postfail', '--keep-failed');
    const id = failed.id ?? '';
    const kept = { id, snapshot: `${web.dataset}@jtx-${id}`, aside: `${web.dataset}.aside-${id}` };
    expect([failed.state, await history()]).toEqual(['rolled-back', [kept]]);
    expect(await findings()).toEqual([]);
    expect((await lab.run(['jtx', 'aside', 'drop', id])).status).toBe(0);
    const gone = { snapshot: null, aside: null };
    expect(await history()).toEqual([
      { id: expect.any(String), ...gone },
      { id, ...gone },
    ]);
    const shown = await lab.must('jtx show "$1"', id);
    expect(shown).not.toMatch(/^(snapshot|set aside) /m);
    expect(await findings()).toEqual([]);
  });

  it('of a rollback that was undone is named no more; what is in effect again keeps its snapshot', async () => {
    const change = await web.jtx('run', '--', 'sh', '-c', 'echo one > /state');
    const back = await web.jtx('rollback');
    const again = await web.jtx('rollback', back.id ?? '');
    expect([change.state, back.state, again.state]).toEqual(['committed', 'committed', 'committed']);
    expect(await history()).toEqual([
      { id: again.id, snapshot: null, aside: `${web.dataset}.aside-${again.id}` },
      { id: back.id, snapshot: null, aside: null },
      { id: change.id, snapshot: `${web.dataset}@jtx-${change.id}`, aside: null },
    ]);
    expect((await lab.run(['jtx', 'aside', 'drop', again.id ?? ''])).status).toBe(0);
    expect((await history()).map(({ snapshot, aside }) => [snapshot, aside])).toEqual([
      [null, null],
      [null, null],
      [null, null],
      [`${web.dataset}@jtx-${change.id}`, null],
    ]);
    expect(await findings()).toEqual([]);
  });

  it('with what a restore set aside is missed by nobody, though its change is in effect', async () => {
    const near = `${lab.environment['LAB_POOL']}/backup`;
    await lab.must('zfs create -o mountpoint=none "$1"', near);
    appendFileSync(join(lab.directory, 'jtx.toml'), `[[backup.targets]]\nname = "near"\nto = "${near}"\n`);
    const change = await web.jtx('run', '--', 'sh', '-c', 'echo one > /state');
    expect((await lab.run(['jtx', 'backup', 'web'])).status).toBe(0);
    const restored = await web.jtx('restore');
    expect([change.state, restored.state], restored.stderr).toEqual(['committed', 'committed']);
    expect(await findings()).toEqual([]);
    // An old ZFS holds there what the target has last.
    const held =
      'zfs list -H -r -t snapshot -o name "$1" | while read -r name; do zfs release jtx-to-near "$name"; done';
    await lab.must(`{ ${held}; } 2>/dev/null || true`, `${web.dataset}.aside-${restored.id}`);
    const dropped = await lab.run(['jtx', 'aside', 'drop', restored.id ?? '', '--foreign']);
    expect(dropped.status, dropped.stderr).toBe(0);
    expect((await history()).map(({ snapshot }) => snapshot)).toEqual([null, null, null]);
    expect(await findings()).toEqual([]);
  });
});
