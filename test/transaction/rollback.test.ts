import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type JailUnderTest, jailUnderTest } from '../lab/jail-under-test.ts';
import { type Lab, openLab } from '../lab/open-lab.ts';
import { expectNothingLeft } from './rows.ts';

describe('rollback', { timeout: 60_000 }, () => {
  let lab: Lab;
  let jail: JailUnderTest;
  beforeAll(async () => {
    lab = await openLab();
    jail = await jailUnderTest(lab, 'web');
  });
  afterAll(() => lab.close());
  beforeEach(async () => {
    await jail.reset();
    await lab.must('zfs inherit jtx:rollback "$1/www"', jail.dataset);
  });
  const install = async (...names: string[]): Promise<string> => {
    const done = await jail.jtx('install', ...names);
    expect(done.status, done.stdout + done.stderr).toBe(0);
    return done.id ?? '';
  };

  it('of the newest brings every byte back', async () => {
    const before = await jail.manifest();
    await install('hello');
    const back = await jail.jtx('rollback');
    expect([back.status, back.state], back.stdout).toEqual([0, 'committed']);
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false);
  });

  it('twice in a row goes back twice, and then there is nothing left to undo', async () => {
    const first = await jail.manifest();
    await install('tiny');
    const second = await jail.manifest();
    await install('libfoo');
    expect((await jail.jtx('rollback')).status).toBe(0);
    expect(await jail.manifest()).toBe(second);
    expect((await jail.jtx('rollback')).status).toBe(0);
    expect(await jail.manifest()).toBe(first);
    const third = await jail.jtx('rollback');
    expect([third.status, third.code]).toEqual([3, 'nothing-to-undo']);
  });

  it('goes on after a rollback: what is installed then can be undone too', async () => {
    await install('tiny');
    expect((await jail.jtx('rollback')).status).toBe(0);
    const before = await jail.manifest();
    await install('libfoo');
    expect((await jail.jtx('rollback')).status).toBe(0);
    expect(await jail.manifest()).toBe(before);
  });

  it('of a named one, where it is the newest', async () => {
    const before = await jail.manifest();
    const id = await install('tiny');
    expect((await jail.jtx('rollback', id)).status).toBe(0);
    expect(await jail.manifest()).toBe(before);
  });

  it('of an older one, of one that is not there and of a failed one is refused', async () => {
    const older = await install('tiny');
    const failed = await jail.jtx('install', 'postfail');
    await install('libfoo');
    const before = await jail.manifest();
    const refused = await jail.jtx('rollback', older);
    expect([refused.status, refused.code]).toEqual([3, 'not-newest']);
    expect((await jail.jtx('rollback', failed.id ?? '')).status).toBe(3);
    expect((await jail.jtx('rollback', '01ARZ3NDEKTSV4RRFFQ69G5FAV')).code).toBe('transaction-unknown');
    expect(await jail.manifest()).toBe(before);
  });

  it('is refused where somebody else made a newer snapshot, and destroys nothing', async () => {
    await install('tiny');
    await lab.must('zfs snapshot "$1/www@backup"', jail.dataset);
    const before = await jail.manifest();
    const snapshots = (): Promise<string> =>
      lab.must('zfs list -H -r -t snapshot -o name "$1"', jail.dataset);
    const there = await snapshots();
    const refused = await jail.jtx('rollback');
    expect([refused.status, refused.code]).toEqual([3, 'newer-snapshots']);
    expect(refused.stdout).toContain('www@backup');
    expect(await snapshots()).toBe(there);
    expect(await jail.manifest()).toBe(before);
    await lab.must('zfs destroy "$1/www@backup"', jail.dataset);
    expect((await jail.jtx('rollback')).status).toBe(0);
  });

  it('reverts the child datasets too', async () => {
    await install('tiny');
    await lab.must('echo changed > "$1/usr/local/www/first"', jail.root);
    expect((await jail.jtx('rollback')).status).toBe(0);
    expect(await lab.must('cat "$1/usr/local/www/first"', jail.root)).toBe('of web\n');
  });

  it('keeps a child dataset that is marked jtx:rollback=off, in a failed change and in a rollback', async () => {
    await lab.must('zfs set jtx:rollback=off "$1/www"', jail.dataset);
    await install('tiny');
    await lab.must('echo changed > "$1/usr/local/www/first"', jail.root);
    expect((await jail.jtx('install', 'postfail')).status).toBe(4);
    expect(await lab.must('cat "$1/usr/local/www/first"', jail.root)).toBe('changed\n');
    const back = await jail.jtx('rollback');
    expect(back.status, back.stdout).toBe(0);
    expect(back.stdout).toContain('jtx:rollback=off');
    expect(await lab.must('cat "$1/usr/local/www/first"', jail.root)).toBe('changed\n');
    expect(await jail.packages()).toEqual([]);
  });

  it('of a running jail wants it stopped, and what it wrote since given up', async () => {
    await install('tiny');
    await lab.must('service jail onestart web');
    expect((await jail.jtx('rollback')).code).toBe('jail-running');
    expect((await jail.jtx('rollback', '--stop')).code).toBe('data-at-risk');
    expect(await jail.packages()).toEqual(['tiny-1.0']);
    const back = await jail.jtx('rollback', '--stop', '--discard');
    expect(back.status, back.stdout).toBe(0);
    expect(await jail.packages()).toEqual([]);
    expect(await lab.must('jls -n name')).toContain('name=web');
  });

  it('--plan only says what would happen', async () => {
    await install('tiny');
    const before = await jail.manifest();
    const planned = await jail.jtx('rollback', '--plan');
    expect(planned.status, planned.stderr).toBe(0);
    expect(await jail.manifest()).toBe(before);
  });

  it('goes on while a shell of the host stands in the jail', async () => {
    await install('tiny');
    await lab.must('( cd "$1/usr/local/www"; exec sleep 120 </dev/null >/dev/null 2>&1 & )', jail.root);
    const back = await jail.jtx('rollback');
    expect(back.status, back.stdout).toBe(0);
    expect(await jail.packages()).toEqual([]);
    expect((await lab.sh('pgrep -fx "sleep 120"')).status, 'the shell lives').toBe(0);
    await lab.sh('pgrep -fx "sleep 120" | xargs -r kill');
  });
});
