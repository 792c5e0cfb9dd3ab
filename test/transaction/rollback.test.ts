import { dirname } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { lockRoot } from '../../src/host/lock.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { type Ended, Lab } from '../lab/open-lab.ts';
import { expectNothingLeft } from './rows.ts';

describe('rollback', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeEach(() => lab.must('zfs inherit jtx:rollback "$1/www"', jail.dataset));
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
    await expectNothingLeft(lab, jail, true);
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

  it('of an older one undoes what came after it too', async () => {
    const before = await jail.manifest();
    const older = await install('tiny');
    const newer = await install('libfoo');
    const back = await jail.jtx('rollback', older);
    expect(back.status, back.stdout).toBe(0);
    expect(await jail.manifest()).toBe(before);
    const undone = JSON.parse((await lab.run(['jtx', 'history', '--json'])).stdout).transactions.filter(
      (row: { undoneBy: string | null }) => row.undoneBy === back.id,
    );
    expect(undone.map((row: { id: string }) => row.id)).toEqual([newer, older]);
  });

  it('of one that is not there, of a failed one and of another jail is refused', async () => {
    const failed = await jail.jtx('install', 'postfail');
    await install('libfoo');
    const before = await jail.manifest();
    expect((await jail.jtx('rollback', failed.id ?? '')).code).toBe('nothing-to-undo');
    expect((await jail.jtx('rollback', '01ARZ3NDEKTSV4RRFFQ69G5FAV')).code).toBe('transaction-unknown');
    expect((await jail.jtx('rollback', '@nosuch')).code).toBe('snapshot-unknown');
    expect((await jail.jtx('rollback', '3 years ago')).code).toBe('time-too-early');
    const other = await lab.run(['jtx', 'install', 'postgresql', 'tiny', '--json']);
    const id: string = JSON.parse(other.stdout).transaction.id;
    expect((await jail.jtx('rollback', id)).code).toBe('transaction-unknown');
    expect(await jail.manifest()).toBe(before);
  });

  it('with newer snapshots of others sets aside what is there, and destroys nothing', async () => {
    const first = await jail.manifest();
    await install('tiny');
    await lab.must('zfs snapshot "$1/www@backup"', jail.dataset);
    const before = await jail.manifest();
    const back = await jail.jtx('rollback', '--discard');
    expect(back.status, back.stdout).toBe(0);
    expect(back.stdout).toContain('www@backup');
    expect(await jail.manifest()).toBe(first);
    const aside = `${jail.dataset}.aside-${back.id}`;
    expect(await lab.must('zfs list -H -o name "$1/www@backup"', aside)).toContain('@backup');
    const again = await jail.jtx('rollback', back.id ?? '');
    expect(again.status, again.stdout).toBe(0);
    expect(await jail.manifest()).toBe(before);
    expect(await lab.must('zfs list -H -o name "$1/www@backup"', jail.dataset)).toContain('@backup');
  });

  it('in place, where that is asked for and destroys nothing of others, leaves nothing over', async () => {
    const before = await jail.manifest();
    const older = await install('tiny');
    await install('libfoo');
    const back = await jail.jtx('rollback', older, '--discard');
    expect(back.status, back.stdout).toBe(0);
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false);
    expect(await lab.must('zfs list -H -r -o name "$LAB_POOL" | grep -c aside || true')).toBe('0\n');
  });

  it('to a snapshot of others and back again', async () => {
    await install('tiny');
    const then = await jail.manifest();
    await lab.must('zfs snapshot -r "$1@nightly"', jail.dataset);
    await install('libfoo');
    const now = await jail.manifest();
    const back = await jail.jtx('rollback', '@nightly');
    expect(back.status, back.stdout).toBe(0);
    expect(await jail.manifest()).toBe(then);
    expect(await jail.packages()).toEqual(['tiny-1.0']);
    expect((await jail.jtx('rollback', back.id ?? '')).status).toBe(0);
    expect(await jail.manifest()).toBe(now);
  });

  it('keeps the properties of the jail, and gives them to what was set aside no less', async () => {
    await install('tiny');
    const properties =
      'zfs get -Hp -s local -o name,property,value all "$1" "$1/www" | grep -v jtx:aside | sort';
    await lab.must(
      'zfs set quota=3G "$1"; zfs set refreservation=1M "$1/www"; zfs set org.x:note="a b" "$1"; zfs set setuid=off "$1"',
      jail.dataset,
    );
    const before = await lab.must(properties, jail.dataset);
    const back = await jail.jtx('rollback');
    expect(back.status, back.stdout).toBe(0);
    expect(await lab.must(properties, jail.dataset)).toBe(before);
    expect((await jail.jtx('rollback', back.id ?? '')).status).toBe(0);
    expect(await lab.must(properties, jail.dataset)).toBe(before);
    await lab.must(
      'zfs inherit org.x:note "$1"; zfs inherit setuid "$1"; zfs set refreservation=none "$1/www"',
      jail.dataset,
    );
  });

  it('goes back, and forth, where more than half of the pool is reserved for the jail', async () => {
    await install('tiny');
    const reserve = 'zfs set reservation=$(($(zfs get -Hp -o value available "$1") * 6 / 10)) "$1"';
    await lab.must(reserve, jail.dataset);
    const reserved = (): Promise<string> => lab.must('zfs get -Hp -o value reservation "$1"', jail.dataset);
    const before = await reserved();
    const back = await jail.jtx('rollback');
    expect(back.status, back.stdout).toBe(0);
    expect(await reserved()).toBe(before);
    const forth = await jail.jtx('rollback', back.id ?? '');
    expect(forth.status, forth.stdout).toBe(0);
    expect(await reserved()).toBe(before);
    await lab.must('zfs set reservation=none "$1"', jail.dataset);
  });

  it('destroys what was set aside only while nothing else is done to the jail, also without a journal of it', async () => {
    await install('tiny');
    const back = await jail.jtx('rollback');
    await lab.must('rm -f "$LAB"/journal/journal.db*');
    const lock = lockRoot(`${lab.directory}/journal/locks`, jail.root);
    const drop = (): Promise<Ended> => lab.run(['jtx', 'aside', 'drop', back.id ?? '']);
    const busy = await drop();
    lock.release();
    expect(busy.status, busy.stdout + busy.stderr).toBe(6);
    expect((await drop()).status).toBe(0);
  });

  it('is told by jtx aside, which destroys it when asked, and only then', async () => {
    await install('tiny');
    const back = await jail.jtx('rollback');
    const aside = `${jail.dataset}.aside-${back.id}`;
    // A machine's labs can have one list of pools: of those of others nothing is said.
    const listed = async (): Promise<{ dataset: string; used: number }[]> =>
      JSON.parse((await lab.run(['jtx', 'aside', 'list', '--json'])).stdout).asides.filter(
        (one: { dataset: string }) => one.dataset === jail.dataset,
      );
    const [told, ...more] = await listed();
    expect(told).toMatchObject({ transaction: back.id, name: aside, dataset: jail.dataset });
    expect(told?.used).toBeGreaterThan(0);
    expect(more).toEqual([]);
    await lab.must(
      'zfs mount "$1"; test -e "$2.aside-$3/usr/local/share/tiny/a.txt"; zfs unmount "$1"',
      aside,
      jail.root,
      back.id ?? '',
    );
    await lab.must('zfs snapshot "$1@others"', aside);
    const refused = await lab.run(['jtx', 'aside', 'drop', back.id ?? '', '--json']);
    expect([refused.status, JSON.parse(refused.stdout).error.code]).toEqual([3, 'aside-foreign']);
    const dropped = await lab.run(['jtx', 'aside', 'drop', back.id ?? '', '--foreign', '--json']);
    expect(dropped.status, dropped.stdout).toBe(0);
    expect(await listed()).toEqual([]);
    await expectNothingLeft(lab, jail, false);
    expect((await jail.jtx('rollback', back.id ?? '')).code).toBe('nothing-to-undo');
  });

  it('reverts the child datasets too', async () => {
    await install('tiny');
    await lab.must('echo changed > "$1/usr/local/www/first"', jail.root);
    expect((await jail.jtx('rollback')).status).toBe(0);
    expect(await lab.must('cat "$1/usr/local/www/first"', jail.root)).toBe('of web\n');
  });

  it('brings back a child that an earlier rollback has set aside', async () => {
    const before = await install('libfoo');
    await lab.must('zfs create "$1/made"; echo "of its own" > "$2/made/file"', jail.dataset, jail.root);
    const withChild = await jail.manifest();
    const after = await install('tiny');
    expect((await jail.jtx('rollback', before)).status).toBe(0);
    const told = await jail.jtx('rollback', '--plan', after);
    expect(told.stdout).not.toContain('destroyed since');
    const back = await jail.jtx('rollback', after);
    expect(back.status, back.stdout).toBe(0);
    expect(await jail.manifest()).toBe(withChild);
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

  it('refuses a jail whose own dataset is to stay, as it does a change of it, until that is to go back', async () => {
    await install('tiny');
    const above = dirname(jail.dataset);
    await lab.must('zfs set jtx:rollback=off "$1"', above);
    for (const [verb, ...words] of [['rollback'], ['install', 'hello']] as const) {
      const ended = await jail.jtx(verb, ...words);
      expect([ended.status, ended.code], ended.stdout).toEqual([3, 'dataset-kept']);
      expect(await jail.packages()).toEqual(['tiny-1.0']);
    }
    await lab.must('zfs set jtx:rollback=on "$1"', jail.dataset);
    expect((await jail.jtx('rollback')).status).toBe(0);
    expect(await jail.packages()).toEqual([]);
    await lab.must('zfs inherit jtx:rollback "$1"; zfs inherit jtx:rollback "$2"', jail.dataset, above);
  });

  it('of a running jail stops it, sets aside what it wrote, and starts it again', async () => {
    await install('tiny');
    await lab.must('service jail onestart web; echo precious > "$1/root/data"', jail.root);
    const back = await jail.jtx('rollback');
    expect(back.status, back.stdout).toBe(0);
    expect(await jail.packages()).toEqual([]);
    expect(await lab.must('jls -n name')).toContain('name=web');
    await lab.must('grep -q " $1/dev " /proc/self/mountinfo', jail.root);
    const kept = 'zfs mount "$1" && cat "$2.aside-$3/root/data"; zfs unmount "$1"';
    expect(await lab.must(kept, `${jail.dataset}.aside-${back.id}`, jail.root, back.id ?? '')).toBe(
      'precious\n',
    );
  });

  it('--plan only says what would happen', async () => {
    await install('tiny');
    const before = await jail.manifest();
    const planned = await jail.jtx('rollback', '--plan');
    expect(planned.status, planned.stderr).toBe(0);
    expect(await jail.manifest()).toBe(before);
  });

  it('is refused while a shell of the host stands in the jail, and goes on in place', async () => {
    await install('tiny');
    const before = await jail.manifest();
    await lab.must('( cd "$1/usr/local/www"; exec sleep 604 </dev/null >/dev/null 2>&1 & )', jail.root);
    const refused = await jail.jtx('rollback');
    expect([refused.status, refused.code], refused.stdout).toEqual([3, 'root-busy']);
    expect(await jail.manifest()).toBe(before);
    const back = await jail.jtx('rollback', '--discard');
    expect(back.status, back.stdout).toBe(0);
    expect(await jail.packages()).toEqual([]);
    expect((await lab.sh('pgrep -fx "sleep 604"')).status, 'the shell lives').toBe(0);
    await lab.sh('pgrep -fx "sleep 604" | xargs -r kill');
  });
});
