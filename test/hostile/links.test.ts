import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openForTests } from '../lab/for-tests.ts';
import { JailUnderTest } from '../lab/jail-under-test.ts';
import { Lab } from '../lab/open-lab.ts';
import { expectNothingLeft } from '../transaction/rows.ts';

// A zfs(8) before which whatever a jail would do at that moment is done: a race that the jail wins each time.
const wrap = `
mkdir -p "$LAB/racing"
cat > "$LAB/racing/zfs" <<END
#!/bin/bash
if [ "\\$1" = "\\$(cat "$LAB/racing/at" 2>/dev/null)" ]; then rm "$LAB/racing/at"; last=\\\${@: -1}; id=\\\${last##*@jtx-} bash "$LAB/racing/do"; fi
exec $(command -v zfs) "\\$@"
END
chmod 755 "$LAB/racing/zfs"
`;

// What a test has planted would lead the way back out of the root too; a backup holds what it builds upon.
const unplant = `
for name in srv dev; do if [ -L "$1/$name" ]; then rm "$1/$name"; mv "$1/$name.was" "$1/$name"; fi; done
for snapshot in $(zfs list -H -t snapshot -o name); do zfs release jtx-to-near "$snapshot" 2>/dev/null; done
rm -rf "$LAB/backups" "$LAB/racing/at"
true
`;

const outsideOf = `
rm -rf "$LAB/outside"; mkdir -p "$LAB/outside/data" "$LAB/outside/db/pkg" "$LAB/outside/cache/pkg" "$LAB/outside/pkg"
for name in state pkg.conf null resolv.conf; do echo host > "$LAB/outside/$name"; done
`;

describe('links', () => {
  const lab = openForTests(new Lab());
  const jail = new JailUnderTest(lab, 'web');
  beforeAll(async () => {
    await lab.must(wrap);
    await jail.remember();
  });
  beforeEach(async () => {
    await lab.must(unplant, jail.root);
    await jail.reset();
    await lab.must(outsideOf);
  });

  /** The files outside, and what is mounted there: nothing. */
  const outside = (): Promise<string> =>
    lab.must('grep " $LAB/outside" /proc/self/mountinfo; manifest "$LAB/outside"');
  const jtx = async (...args: string[]) => {
    const environment = { PATH: `${lab.directory}/racing:${lab.environment['PATH']}` };
    const ended = await lab.run(['jtx', ...args], { environment });
    return { ...ended, said: ended.stdout + ended.stderr };
  };
  /** What the jail does just before jtx runs `zfs VERB` the next time; `$id` is that of the transaction. */
  const race = (verb: string, script: string): Promise<string> =>
    lab.must(
      'printf "%s\\n" "LAB=$LAB root=$3 dataset=$4" "$2" > "$LAB/racing/do"; echo "$1" > "$LAB/racing/at"',
      verb,
      script,
      jail.root,
      jail.dataset,
    );

  const places = ['dev', 'etc', 'tmp', 'usr', 'usr/local', 'usr/local/etc', 'var', 'var/db', 'var/db/pkg'];
  it.each([...places, 'var/cache', 'var/cache/pkg'])(
    '%s leads out of the root, by its whole path or by ..',
    async (path) => {
      const then = await outside();
      await lab.must(
        `mv "$1/${path}" "$1/moved" 2>/dev/null || { umount -l "$1/usr/local/www"; mv "$1/${path}" "$1/moved"; }`,
        jail.root,
      );
      for (const [target, ...words] of [
        ['"$LAB/outside"', 'install', 'web', 'tiny'],
        ['../../../../../../../../../../"$LAB/outside"', 'run', 'web', '--', 'true'],
      ]) {
        await lab.must(`ln -sfn ${target} "$1/${path}"`, jail.root);
        const ended = await jtx(...words);
        expect([ended.status, ended.said]).toEqual([3, expect.stringContaining('is a symbolic link')]);
      }
      expect(await outside()).toBe(then);
    },
  );

  describe('above the place of a child dataset', () => {
    const child =
      'mkdir -p "$1/srv"; zfs create -o mountpoint="$1/srv/data" "$2/data"; echo jail > "$1/srv/data/state"';
    const plant = 'mv "$root/srv" "$root/srv.was"; ln -s "$LAB/outside" "$root/srv"';
    const planted = plant.replaceAll('$root', '$1');
    beforeEach(() => lab.must(child, jail.root, jail.dataset));

    /** Does what jtx says, and puts the directory back. */
    const mend = async (said: string): Promise<void> => {
      const repair = 'rm "$1/srv"; mv "$1/srv.was" "$1/srv"';
      const told = /^ *(zfs set canmount=noauto .*) #.*\n.*\n *(zfs set canmount=on \S+)( && .*)$/m.exec(
        said,
      );
      const [, leaveUnmounted = 'false', letMount = 'true', mount = ''] = told ?? [];
      const left = await lab.sh(leaveUnmounted, jail.root);
      // Where recovery sets aside what may have been written since, the place has to be right first: so it says then.
      if (told && left.status !== 0) expect(left.stdout + left.stderr).toContain('Replace it by a directory');
      const after = left.status === 0 ? `${letMount}${mount}` : `jtx recover && ${letMount}`;
      await lab.must(`${repair}; ${after}`, jail.root);
      expect(await lab.must('cat "$1/srv/data/state"', jail.root)).toBe('jail\n');
    };

    it('a change is refused', async () => {
      await lab.must(planted, jail.root);
      const then = await outside();
      const ended = await jtx('install', 'web', 'tiny');
      expect([ended.status, ended.said]).toEqual([3, expect.stringContaining('srv is a symbolic link')]);
      expect(await outside()).toBe(then);
    });

    it('a rehearsal that is cloned just then leads nowhere, and leaves nothing', async () => {
      await race('snapshot', plant);
      const then = await outside();
      const ended = await jtx('install', 'web', 'tiny', '--rehearse');
      expect([ended.status, ended.said]).toEqual([3, expect.stringContaining('srv is a symbolic link')]);
      expect(await outside()).toBe(then);
      await expectNothingLeft(lab, jail, false);
    });

    it.each([
      ['a change that fails', ['install', 'web', 'postfail']],
      ['one that is kept', ['install', 'web', 'postfail', '--keep-failed']],
    ])(
      'a jail that %s puts back is stuck before that, and nothing is mounted elsewhere',
      async (_what, words) => {
        await race('snapshot', plant);
        const then = await outside();
        const ended = await jtx(...words);
        expect([ended.status, ended.said]).toEqual([5, expect.stringContaining('srv is a symbolic link')]);
        expect(await outside()).toBe(then);
        await mend(ended.said);
        expect(await lab.must('jtx history')).toContain('rolled-back');
        expect(await outside()).toBe(then);
      },
    );

    it.each([
      ['set aside', []],
      ['lost', ['--discard']],
    ])('a rollback to it, with what is there %s', async (_what, more) => {
      await lab.must(
        `${planted}; zfs snapshot -r "$2@evil"; rm "$1/srv"; mv "$1/srv.was" "$1/srv"`,
        jail.root,
        jail.dataset,
      );
      const then = await outside();
      const ended = await jtx('rollback', 'web', '@evil', ...more);
      expect([ended.status, ended.said]).toEqual([5, expect.stringContaining('srv is a symbolic link')]);
      expect(await outside()).toBe(then);
      await mend(ended.said);
      expect(await outside()).toBe(then);
    });

    it('a backup of it is proved, and restored, nowhere else', async () => {
      await lab.must(
        `mkdir -p "$LAB/backups"; printf '[[backup.targets]]\\nname = "near"\\nto = "%s"\\n' "$LAB/backups" >> "$LAB/jtx.toml"; ${planted}`,
        jail.root,
      );
      expect((await jtx('backup', 'web')).status).toBe(0);
      const then = await outside();
      // Where the mount table follows a directory that is moved, as Linux's does, the child is where that is now.
      const refusal = (status: number): unknown => [
        status,
        expect.stringContaining('srv is a symbolic link'),
      ];
      const proved = await jtx('check-backup', 'web');
      if (proved.status !== 0) expect([proved.status, proved.said]).toEqual(refusal(5));
      expect(await outside()).toBe(then);
      const left =
        'zfs list -H -o name | grep jtx-drill; grep /drill/ /proc/self/mountinfo; ls -d "$LAB"/journal/drill';
      expect((await lab.sh(left)).stdout).toBe('');
      const beside = await jtx('restore', 'web', '--as', 'beside');
      if (beside.status !== 0) expect([beside.status, beside.said]).toEqual(refusal(3));
      expect(await outside()).toBe(then);
      await lab.sh(
        'zfs destroy -r "$LAB_POOL/jails/beside"; for name in $(zfs list -H -o name | grep "jails/beside"); do zfs destroy -r "$name"; done',
      );
    });
  });

  it('a /dev that is swapped just before it is cloned is not mounted upon', async () => {
    await race('snapshot', 'mv "$root/dev" "$root/dev.was"; ln -s "$LAB/outside" "$root/dev"');
    const then = await outside();
    const ended = await jtx('install', 'web', 'tiny', '--rehearse');
    expect([ended.status, ended.said]).toEqual([3, expect.stringContaining('dev is a symbolic link')]);
    expect(await outside()).toBe(then);
    await expectNothingLeft(lab, jail, false);
  });

  it('into a jail that runs without a devfs none is mounted, and a command needs none', async () => {
    await lab.must(
      'cp "$LAB/jail.conf" "$LAB/jail.conf.was"; sed -i "s/^ *mount.devfs;//" "$LAB/jail.conf"; service jail onestart web',
    );
    const ended = await jtx('install', 'web', 'tiny');
    expect([ended.status, ended.said]).toEqual([3, expect.stringContaining('runs without a devfs')]);
    const looked = await jtx('run', 'web', '--', 'sh', '-c', 'test ! -e /dev/zero');
    expect(looked.status, looked.said).toBe(0);
    expect(await lab.sh('grep " $1/dev " /proc/self/mountinfo', jail.root)).toMatchObject({ status: 1 });
    const stopped = await jtx('install', 'web', 'tiny', '--stop');
    expect(stopped.status, stopped.said).toBe(0);
    await lab.must('service jail onestop web; mv "$LAB/jail.conf.was" "$LAB/jail.conf"');
  });

  it.each([
    ['a link', 'ln -s "$LAB/outside" "$root/.jtx-$id"'],
    [
      'a directory of its own',
      'mkdir "$root/.jtx-$id"; ln -s "$LAB/outside/pkg.conf" "$root/.jtx-$id/pkg.conf"',
    ],
  ])(
    '%s in the place of the directory of a transaction, whose name it reads from the snapshot',
    async (_what, script) => {
      await race('hold', script);
      const then = await outside();
      const ended = await jtx('install', 'web', 'tiny');
      expect([ended.status, ended.said]).toEqual([3, expect.stringContaining('in the place of')]);
      expect(await outside()).toBe(then);
      await expectNothingLeft(lab, jail, false);
    },
  );

  it('a link by the name that a file has while it is restored', async () => {
    await lab.must(
      `mkdir -p "$LAB/backups"; printf '[[backup.targets]]\\nname = "near"\\nto = "%s"\\n' "$LAB/backups" >> "$LAB/jtx.toml"; echo jail > "$1/etc/state"`,
      jail.root,
    );
    expect((await jtx('backup', 'web')).status).toBe(0);
    await race('hold', 'ln -s "$LAB/outside/state" "$root/etc/.jtx-$id"');
    const then = await outside();
    const ended = await jtx('restore', 'web', '--path', 'etc/state');
    expect(await outside()).toBe(then);
    expect(ended.status, ended.said).toBe(0);
    expect(await lab.must('cat "$1/etc/state"', jail.root)).toBe('jail\n');
  });

  it.each([
    ['is a link', 'ln -s "$LAB/outside/state" "$1/var/db/pkg/local.sqlite"'],
    ['is no database', 'head -c 50000 /dev/urandom > "$1/var/db/pkg/local.sqlite"'],
    ['is a FIFO', 'mkfifo "$1/var/db/pkg/local.sqlite"'],
    ['has no end', 'truncate -s 900G "$1/var/db/pkg/local.sqlite"'],
    [
      'has a log that is a link',
      'cp "$LAB/fine.sqlite" "$1/var/db/pkg/local.sqlite"; ln -s "$LAB/outside/state" "$1/var/db/pkg/local.sqlite-wal"',
    ],
  ])('a local.sqlite that %s', async (_what, script) => {
    await lab.must('cp "$1" "$LAB/fine.sqlite"', `${process.cwd()}/test/fixtures/pkg/local.sqlite`);
    await lab.must(`rm -f "$1/var/db/pkg/local.sqlite"; ${script}`, jail.root);
    const then = await outside();
    for (const words of [
      ['install', 'web', 'tiny'],
      ['run', 'web', '--', 'true'],
    ]) {
      const ended = await jtx(...words);
      expect([ended.status, ended.said]).toEqual([3, expect.stringContaining('package database')]);
    }
    expect(await outside()).toBe(then);
  });
});
