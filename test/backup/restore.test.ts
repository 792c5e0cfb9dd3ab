import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openForTests } from '../lab/for-tests.ts';
import { JailUnderTest } from '../lab/jail-under-test.ts';
import { Lab } from '../lab/open-lab.ts';

// What was restored is another dataset than what the lab made: each test begins with whatever is there, without a past.
const prepare = `
set -e
again() { for _ in $(seq 60); do "$@" 2>/dev/null && return; sleep 0.05; done; "$@"; }
jls -n name | grep -q "name=web\\b" && service jail onestop web >/dev/null
cp "$LAB/jtx.toml.base" "$LAB/jtx.toml"
rm -rf "$LAB/journal" "$LAB/bk"; mkdir "$LAB/bk"
for snapshot in $(zfs list -H -t snapshot -o userrefs,name | grep -v '^0' | cut -f2); do
  for tag in jtx jtx-to-disk jtx-to-dir; do zfs release $tag $snapshot 2>/dev/null || true; done
done
for round in 1 2 3; do
  left=$(zfs list -H -o name | grep -E "^$LAB_POOL/(bk$|jails/(fresh|beside)$|jails/web[.][^/]*$)") || break
  for name in $left; do
    zfs destroy -r "$name" 2>/dev/null || true
  done
done
for snapshot in $(zfs list -H -r -t snapshot -o name "$LAB_POOL/jails/web"); do again zfs destroy "$snapshot"; done
rm -rf "$LAB_JAILS/web/etc.was"
zfs create "$LAB_POOL/bk"
cat >> "$LAB/jtx.toml" <<T
[backup.jails.web]
verify = ["test -f /etc/state"]
[[backup.targets]]
name = "disk"
to = "$LAB_POOL/bk"
[[backup.targets]]
name = "dir"
to = "$LAB/bk"
T
`;

describe('restore', () => {
  const lab = openForTests(new Lab());
  const jail = new JailUnderTest(lab, 'web');
  beforeAll(() => jail.remember());
  beforeEach(async () => {
    await lab.must(prepare);
    await write('backed up');
  });

  const write = (text: string): Promise<string> =>
    lab.must('echo "$2" > "$1/etc/state"; echo "$2" > "$1/usr/local/www/page"', jail.root, text);
  const jtx = async (...args: string[]) => {
    const ended = await lab.run(['jtx', ...args]);
    return { ...ended, said: ended.stdout + ended.stderr };
  };
  const backUp = async (): Promise<string> => {
    const done = await jtx('backup', 'web', '--json');
    expect(done.status, done.said).toBe(0);
    return JSON.parse(done.stdout).backup.id;
  };

  it.each(['disk', 'dir'])(
    'brings every byte back from %s, sets aside what was there, and can be undone',
    async (from) => {
      const then = await jail.manifest();
      await backUp();
      await write('since');
      const since = await jail.manifest();
      const done = await jail.jtx('restore', '--from', from);
      expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
      expect(await jail.manifest()).toBe(then);
      const back = await jail.jtx('rollback', done.id ?? '');
      expect(back.status, back.stdout).toBe(0);
      expect(await jail.manifest()).toBe(since);
    },
  );

  it('leaves what there was between the backup and the restore to a rollback to a time', async () => {
    await backUp();
    // ZFS knows times to the second.
    const between = 'sleep 1.1; zfs snapshot -r "$1@nightly"; sleep 1.1';
    await write('later');
    const later = await jail.manifest();
    await lab.must(between, jail.dataset);
    const moment = new Date().toISOString();
    await write('lost');
    expect((await jail.jtx('restore', '--from', 'disk')).status).toBe(0);
    const back = await jail.jtx('rollback', moment);
    expect(back.status, back.stdout).toBe(0);
    expect(await jail.manifest()).toBe(later);
  });

  it('of an older backup says that its properties are those of the last one', async () => {
    const older = await backUp();
    await write('since');
    await lab.must('zfs set compression=gzip "$1"', jail.dataset);
    await backUp();
    const note = expect.stringMatching(/^Properties and mount points are those of \d{4}-.* or later: /);
    const notesOf = async (...words: string[]): Promise<unknown> => {
      const { status, stdout } = await jtx('restore', 'web', ...words, '--json');
      expect(status, stdout).toBe(0);
      return JSON.parse(stdout).transaction.notes;
    };
    for (const from of ['disk', 'dir'])
      expect(await notesOf('--from', from, '--at', older, '--plan')).toEqual(expect.arrayContaining([note]));
    expect(await notesOf('--plan')).not.toEqual(expect.arrayContaining([note]));
    expect(await notesOf('--at', older)).toEqual(expect.arrayContaining([note]));
    const compression = 'zfs get -H -o value compression "$1"; zfs inherit compression "$1"';
    expect(await lab.must(compression, jail.dataset)).toBe('gzip\n');
  });

  /** Of what was received for a look, nothing is left. */
  const expectTakenAway = async (): Promise<void> => {
    const left = 'zfs list -H -o name | grep -c jtx-drill || true; mount | grep -c /drill/ || true';
    expect(await lab.must(left)).toBe('0\n0\n');
  };

  it('goes to the backup that is meant, by id, by transaction and by time', async () => {
    const first = await jail.manifest();
    const id = await backUp();
    const installed = await jail.jtx('install', 'tiny');
    await write('second');
    await backUp();
    expect((await jail.jtx('restore', '--at', id)).status).toBe(0);
    expect(await jail.manifest()).toBe(first);
    expect((await jail.jtx('restore', '--at', installed.id ?? '')).status).toBe(0);
    expect(await jail.manifest()).toBe(first);
    const early = await jail.jtx('restore', '--at', '2 days ago');
    expect([early.status, early.code]).toEqual([3, 'backup-unknown']);
    expect(early.stdout).toContain(id);
  });

  it('tells with --plan, and changes nothing', async () => {
    await backUp();
    await write('since');
    const since = await jail.manifest();
    const told = await jail.jtx('restore', '--plan');
    expect([told.status, told.state]).toEqual([0, 'unchanged']);
    expect(await jail.manifest()).toBe(since);
    expect(await lab.must('zfs list -H -o name | grep -c "restore-\\|aside-" || true')).toBe('0\n');
  });

  it('puts a jail beside the others, on a host that knows neither jail nor journal nor target', async () => {
    const then = await jail.manifest();
    await backUp();
    const beside = await jtx('restore', 'web', '--as', 'beside');
    expect(beside.status, beside.said).toBe(0);
    expect(await lab.must('manifest "$LAB_JAILS/beside"')).toBe(then);
    const twice = await jtx('restore', 'web', '--as', 'beside');
    expect([twice.status, twice.said]).toEqual([
      3,
      expect.stringContaining('there is a jail beside already'),
    ]);
    await lab.must('rm -rf "$LAB/journal"; cp "$LAB/jtx.toml.base" "$LAB/jtx.toml"');
    const unknown = await jtx('restore', 'web', '--from', `${lab.directory}/bk`, '--as', 'fresh');
    expect(unknown.status, unknown.said).toBe(0);
    expect(await lab.must('manifest "$LAB_JAILS/fresh"')).toBe(then);
  });

  it('of another target than one that cannot be asked says so', async () => {
    await backUp();
    await lab.must('mv "$LAB/bk" "$LAB/bk.away"');
    const notes = [
      expect.stringMatching(/^dir could not be asked: .*; it may have a newer one: --from dir$/),
    ];
    for (const words of [['--plan'], ['--as', 'beside'], ['--path', 'etc/state'], []]) {
      const { status, stdout } = await jtx('restore', 'web', ...words, '--json');
      const { transaction } = JSON.parse(stdout);
      expect([status, transaction.notes], stdout).toEqual([0, expect.arrayContaining(notes)]);
    }
    const unknown = await jtx('restore', 'postgresql', '--plan', '--json');
    expect([unknown.status, JSON.parse(unknown.stdout)]).toMatchObject([
      3,
      { error: { code: 'target-missing' } },
    ]);
    await lab.must('mv "$LAB/bk.away" "$LAB/bk"');
    const both = await jtx('restore', 'web', '--plan', '--json');
    expect(JSON.parse(both.stdout).transaction.notes).not.toEqual(expect.arrayContaining(notes));
  });

  it('brings back what a rollback never does, and the properties', async () => {
    await lab.must(
      'zfs set jtx:rollback=off "$1/www"; zfs set compression=gzip "$1"; zfs set quota=1G "$1"',
      jail.dataset,
    );
    const then = await jail.manifest();
    await backUp();
    await lab.must('zfs set compression=off "$1"', jail.dataset);
    await write('since');
    const done = await jail.jtx('restore');
    expect(done.status, done.stdout).toBe(0);
    expect(await jail.manifest()).toBe(then);
    const properties =
      'zfs get -H -s local -o property,value compression,quota "$1"; zfs get -H -s local -o value jtx:rollback "$1/www"';
    expect(await lab.must(properties, jail.dataset)).toMatch(/^compression\tgzip\nquota\t1(\.00)?G\noff\n$/);
    await lab.must('zfs inherit jtx:rollback "$1/www"; zfs inherit compression "$1"', jail.dataset);
  });

  it('stops a running jail for it, and starts it again', async () => {
    await backUp();
    await write('since');
    await lab.must('service jail onestart web');
    const done = await jail.jtx('restore');
    expect(done.status, done.stdout).toBe(0);
    expect(await lab.must('cat "$1/etc/state"; jls -n name', jail.root)).toMatch(/^backed up\nname=web/);
  });

  it('of one file is a transaction of its own', async () => {
    await lab.must('chown 80:80 "$1/etc/state"; chmod 640 "$1/etc/state"', jail.root);
    const line = 'stat -c "%a %u %g %y" "$1/etc/state"; cat "$1/etc/state"';
    const then = await lab.must(line, jail.root);
    await backUp();
    await write('since');
    const done = await jail.jtx('restore', '--path', 'etc/state');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    expect(await lab.must(line, jail.root)).toBe(then);
    expect(await lab.must('cat "$1/usr/local/www/page"', jail.root)).toBe('since\n');
    const child = await jail.jtx('restore', '--path', '/usr/local/www/page');
    expect(child.status, child.stdout).toBe(0);
    expect(await lab.must('cat "$1/usr/local/www/page"', jail.root)).toBe('backed up\n');
    await expectTakenAway();
  });

  it('of one file goes through no symlink that the jail has put in its way', async () => {
    await backUp();
    await lab.must(
      'mkdir "$LAB/outside"; mv "$1/etc" "$1/etc.was"; ln -s "$LAB/outside" "$1/etc"',
      jail.root,
    );
    const done = await jail.jtx('restore', '--path', 'etc/state');
    expect(done.status).not.toBe(0);
    expect(await lab.must('ls "$LAB/outside"; rmdir "$LAB/outside"')).toBe('');
    await lab.must('rm "$1/etc"; mv "$1/etc.was" "$1/etc"', jail.root);
    for (const path of ['../etc/state', 'etc', 'etc/none'])
      expect((await jail.jtx('restore', '--path', path)).status, path).not.toBe(0);
    await expectTakenAway();
  });

  it('is refused for what was broken on the way, and leaves nothing', async () => {
    await backUp();
    const now = await jail.manifest();
    await lab.must(
      'cd "$LAB/bk/web"; set -- *.zst; printf X | dd of="$1" bs=1 seek=500 conv=notrunc 2>/dev/null',
    );
    const done = await jail.jtx('restore', '--from', 'dir');
    expect([done.status, done.code], done.stdout).toEqual([3, 'backup-broken']);
    expect(await jail.manifest()).toBe(now);
    expect(await lab.must('zfs list -H -o name | grep -c "restore-\\|aside-" || true')).toBe('0\n');
  });

  it('is proved by a drill, which finds what is not so', async () => {
    await backUp();
    await write('since');
    const good = await jtx('check-backup', 'web');
    expect(good.status, good.said).toBe(0);
    expect(
      good.stdout.match(/proved: \d+ files and directories are the same; test -f \/etc\/state/g),
    ).toHaveLength(2);
    // A copy that somebody has written to, and that jtx does not know of: it is whole, and not what was backed up.
    await lab.must(`
      set -e
      copy=$LAB_POOL/bk/web point=$(zfs list -H -r -t snapshot -o name $LAB_POOL/bk/web | tail -1)
      zfs set readonly=off $copy; zfs set mountpoint=$LAB/touched $copy; zfs mount $copy
      echo other > $LAB/touched/etc/state; zfs unmount $copy
      zfs destroy $point; zfs snapshot $point`);
    const bad = await jtx('check-backup', 'web');
    expect(bad.status, bad.said).toBe(5);
    expect(bad.stdout).toContain('NOT PROVED: not what was backed up: etc/state differs');
    const sample = await jtx('check-backup', '--sample', '1', '--json');
    expect(JSON.parse(sample.stdout).checks).toHaveLength(1);
    await expectTakenAway();
  });

  it('a drill lets pkg look at what was restored, and tells what it finds', async () => {
    await lab.must(`sed -i '/^verify/d' "$LAB/jtx.toml"; jtx install web tiny; jtx backup web --target disk`);
    const good = await jtx('check-backup', 'web', '--target', 'disk');
    expect([good.status, good.said]).toEqual([
      0,
      expect.stringMatching(/are the same; pkg check of 1 package(; static check of .*)?$/m),
    ]);
    const edit = 'file=$(pkg -c "$1" query %Fp tiny | head -n 1); echo edited > "$1$file"';
    await lab.must(`${edit}; jtx backup web --target disk`, jail.root);
    const edited = await jtx('check-backup', 'web', '--target', 'disk');
    expect(edited.status, edited.said).toBe(0);
    expect(edited.stdout).toContain('finds: tiny-1.0: checksum mismatch for');
    await lab.must('echo garbage > "$1/var/db/pkg/local.sqlite"; jtx backup web --target disk', jail.root);
    const broken = await jtx('check-backup', 'web', '--target', 'disk');
    expect([broken.status, broken.said]).toEqual([
      5,
      expect.stringContaining('cannot be read as a package database'),
    ]);
    await lab.must('rm -r "$1/var/db/pkg"; mkdir "$1/var/db/pkg"', jail.root);
  });
});
