import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { until } from '../lab/own-repository.ts';
import { expectNothingLeft } from './rows.ts';

/** Starts a command behind the test's back, and writes its status to `$LAB/NAME.status`. */
const background = `
name=$1; shift; rm -f "$LAB/$name.status"
( "$@" >"$LAB/$name.out" 2>&1 </dev/null; echo $? > "$LAB/$name.new"; mv "$LAB/$name.new" "$LAB/$name.status" ) >/dev/null 2>&1 </dev/null &
`;

const smallJournal =
  'rm -rf "$LAB/journal"; mkdir "$LAB/journal"; /bin/mount -t tmpfs -o size=1m tmpfs "$LAB/journal"';

/** What happens to a host and its jails while jtx works, or between two runs of it. */
describe('meanwhile', { timeout: deadline(240_000) }, () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  /** Changes the journal as a crash would have left it. */
  const sqlite = (sql: string): Promise<string> =>
    lab.must(
      'node -e \'const D=require(process.env.LAB_TOP+"/node_modules/better-sqlite3");new D(process.env.LAB+"/journal/journal.db").exec(process.argv[1])\' "$1"',
      sql,
    );

  const start = (name: string, ...command: string[]): Promise<string> =>
    lab.must(background, name, ...command);
  const ended = async (name: string): Promise<{ status: number; said: string }> => {
    await until(lab, '[ -e "$LAB/$1.status" ]', name);
    const said = await lab.must('cat "$LAB/$1.out"', name);
    return { status: Number(await lab.must('cat "$LAB/$1.status"', name)), said };
  };
  /** The journal lies on a small file system of its own, which can be filled. */
  const withSmallJournal = async (use: () => Promise<void>): Promise<void> => {
    await lab.must(smallJournal);
    try {
      await use();
    } finally {
      await lab.sh('umount "$LAB/journal"; rm -rf "$LAB/journal"');
    }
  };
  const fill = (): Promise<unknown> => lab.sh('dd if=/dev/zero of="$LAB/journal/fill" bs=4k 2>/dev/null');

  /** Kills jtx while its command is at work in the jail, and waits until it is gone. */
  const cutOff = async (...options: string[]): Promise<void> => {
    await lab.must('(jtx run web "$@" -- sleep 608 >/dev/null 2>&1 &) ; true', ...options);
    await until(lab, 'pgrep -fx "sleep 608"');
    await lab.must(
      'pkill -9 -f "[j]tx.js run web"; pkill -fx "sleep 608"; while pgrep -f "[j]tx.js run web"; do sleep 0.1; done',
    );
  };
  const writeMeanwhile =
    'service jail onestart web && jexec web sh -c "echo kept > /root/kept" && service jail onestop web';
  const asides = (): Promise<string> =>
    lab.must('zfs list -H -o name -d 1 "$1" | grep aside- || true', `${lab.environment['LAB_POOL']}/jails`);
  const keptAside = async (): Promise<string> => {
    const aside = (await asides()).trim();
    return lab.must('zfs mount "$1"; cat "$2/root/kept"', aside, aside.replace(jail.dataset, jail.root));
  };

  it('a jail that ran and was stopped again before recovery loses nothing that it wrote', async () => {
    const before = await jail.manifest();
    await cutOff();
    await lab.must(writeMeanwhile);
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout).toBe(0);
    expect(recovered.stdout).toContain('.aside-');
    expect(await jail.manifest()).toBe(before);
    expect(await keptAside()).toBe('kept\n');
  });

  it('a jail in which nothing was written before recovery goes back in place', async () => {
    const before = await jail.manifest();
    await cutOff();
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout).toBe(0);
    expect(await jail.manifest()).toBe(before);
    expect(await asides()).toBe('');
  });

  it('a plan of a jail of which a change was cut off changes nothing, and says what to do first', async () => {
    await cutOff();
    const left = () => lab.must('zfs list -H -t all -o name -r "$1"; jtx history web --json', jail.dataset);
    const before = await left();
    for (const [verb, ...words] of [['install', 'tiny'] as const, ['rollback'] as const]) {
      const refused = await jail.jtx(verb, ...words, '--plan');
      expect([refused.status, refused.code], refused.stdout).toEqual([3, 'change-unfinished']);
      expect(refused.stderr + refused.stdout).toContain('jtx recover');
    }
    expect((await jail.jtx('verify')).code).toBe('change-unfinished');
    expect(await left()).toBe(before);
    await lab.must('jtx recover');
    const planned = await jail.jtx('install', 'tiny', '--plan');
    expect([planned.status, planned.state], planned.stdout).toEqual([0, 'unchanged']);
  });

  it('a jail that ran, and was stopped again, on a rollback in place that was cut off loses nothing', async () => {
    const before = await jail.manifest();
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await lab.must(
      `mkdir -p "$LAB/wrapped"
       printf '#!/bin/sh\\ncase "$1" in rollback|program) kill -9 $PPID; exit 1 ;; esac\\nexec %s "$@"\\n' "$(command -v zfs)" > "$LAB/wrapped/zfs"
       chmod 755 "$LAB/wrapped/zfs"`,
    );
    await lab.sh('PATH="$LAB/wrapped:$PATH" jtx rollback web --discard');
    await lab.must('zfs mount "$1" && zfs mount "$1/www"', jail.dataset);
    await lab.must(writeMeanwhile);
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout).toBe(0);
    expect(await jail.manifest()).toBe(before);
    expect(await keptAside()).toBe('kept\n');
  });

  it('a jail.conf that is broken while recovery settles a commit takes nothing of it back', async () => {
    const done = await jail.jtx('install', 'tiny');
    expect(done.status, done.stdout).toBe(0);
    await sqlite('UPDATE transactions SET settled = 0');
    await lab.must('cp "$LAB/jail.conf" "$LAB/jail.conf.good"; echo "oops {" >> "$LAB/jail.conf"');
    try {
      const broken = await lab.run(['jtx', 'recover', '--json']);
      expect(broken.status, broken.stdout).toBe(5);
      const [told] = JSON.parse(broken.stdout).transactions;
      expect([told.state, told.warnings.length]).toEqual(['committed', 1]);
    } finally {
      await lab.must('mv "$LAB/jail.conf.good" "$LAB/jail.conf"');
    }
    expect((await lab.run(['jtx', 'recover'])).status).toBe(0);
    expect(await jail.packages()).toEqual(['tiny-1.0']);
  });

  it('a journal that is full while a change fails, and while that is recovered, loses nothing', () =>
    withSmallJournal(async () => {
      const before = await jail.manifest();
      await start('failing', 'jtx', 'run', 'web', '--', 'sh', '-c', 'echo x > /root/x; sleep 3; false');
      await until(lab, 'pgrep -fx "sleep 3"');
      await fill();
      const failed = await ended('failing');
      expect(failed.status, failed.said).toBe(5);
      expect(await jail.manifest()).toBe(before);
      const full = await lab.run(['jtx', 'recover']);
      expect([full.status, full.stderr.includes('    at ')], full.stderr).toEqual([5, false]);
      await lab.must('rm "$LAB/journal/fill"');
      const recovered = await lab.run(['jtx', 'recover']);
      expect(recovered.status, recovered.stdout).toBe(0);
      expect(await jail.manifest()).toBe(before);
      expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    }));

  it('a rollback that the journal does not hold is not told as done, and recovery finishes it', () =>
    withSmallJournal(async () => {
      const before = await jail.manifest();
      expect((await jail.jtx('install', 'tiny')).status).toBe(0);
      // The point of no return is written down; from the first promotion on nothing more is.
      await lab.must(
        `mkdir -p "$LAB/wrapped"
         printf '#!/bin/sh\\n[ "$1" != promote ] || dd if=/dev/zero of=%s bs=4k 2>/dev/null\\nexec %s "$@"\\n' "$LAB/journal/fill" "$(command -v zfs)" > "$LAB/wrapped/zfs"
         chmod 755 "$LAB/wrapped/zfs"`,
      );
      const back = await lab.sh('PATH="$LAB/wrapped:$PATH" jtx rollback web --json');
      expect(back.status, back.stdout).toBe(5);
      expect(JSON.parse(back.stdout).transaction.error.code).toBe('journal-unwritable');
      expect(await jail.manifest()).toBe(before);
      await lab.must('rm "$LAB/journal/fill"');
      const recovered = await lab.run(['jtx', 'recover']);
      expect(recovered.status, recovered.stdout).toBe(0);
      expect(await jail.manifest()).toBe(before);
      expect((await jail.jtx('rollback')).code).toBe('nothing-to-undo');
    }));

  it('what was set aside is not dropped while somebody stands in it or has cloned it, and the jail can be changed', async () => {
    const installed = await jail.jtx('install', 'tiny');
    await lab.must('zfs snapshot "$1@nightly"', jail.dataset);
    const { id = '' } = await jail.jtx('rollback');
    const drop = async (): Promise<{ status: number; code: unknown }> => {
      const { status, stdout } = await lab.run(['jtx', 'aside', 'drop', id, '--foreign', '--json']);
      return { status, code: JSON.parse(stdout).error?.code };
    };
    await lab.must('zfs mount "$1.aside-$2"', jail.dataset, id);
    await start('looking', 'sh', '-c', `cd "${jail.root}.aside-${id}" && exec sleep 604`);
    await until(lab, 'pgrep -fx "sleep 604"');
    expect(await drop()).toEqual({ status: 3, code: 'aside-in-use' });
    await lab.must('pkill -fx "sleep 604"');
    await ended('looking');
    await lab.must('zfs clone -o mountpoint=none "$1.aside-$2@nightly" "$1.look"', jail.dataset, id);
    await lab.must('zfs clone -o mountpoint=none "$1@jtx-$2" "$1.other"', jail.dataset, installed.id ?? '');
    try {
      expect(await drop()).toEqual({ status: 3, code: 'aside-cloned' });
      expect((await jail.jtx('install', 'libfoo')).status).toBe(0);
      await lab.must('zfs destroy "$1.look"', jail.dataset);
      // The snapshot that it came from is somebody's too: that stays.
      expect(await drop()).toEqual({ status: 0, code: undefined });
    } finally {
      await lab.sh('zfs destroy "$1.look"; zfs destroy "$1.other"', jail.dataset);
    }
    expect((await jail.jtx('install', 'vital')).status).toBe(0);
  });

  it('a jail that is started while a change of it fails loses nothing that it wrote, and runs again', async () => {
    const script = 'while [ ! -e /root/kept ]; do sleep 0.3; done; false';
    await start('failing', 'jtx', 'run', 'web', '--json', '--', 'sh', '-c', script);
    await until(lab, 'pgrep -fx "sleep 0.3"');
    await lab.must('service jail onestart web; jexec web sh -c "echo kept > /root/kept"');
    const failed = await ended('failing');
    expect(failed.status, failed.said).toBe(4);
    const { aside } = JSON.parse(failed.said).transaction;
    expect(aside).toContain('.aside-');
    expect(
      await lab.must('zfs mount "$1"; cat "$2/root/kept"', aside, aside.replace(jail.dataset, jail.root)),
    ).toBe('kept\n');
    expect(await lab.must('jls -n name')).toContain('name=web');
  });

  it('a dataset that is never mounted and only holds others does not keep a jail from being rehearsed', async () => {
    await lab.must('zfs create -o canmount=off "$1/box"; zfs create "$1/box/in"', jail.dataset);
    const before = await jail.manifest();
    const kept = await jail.jtx('install', 'postfail', '--rehearse', '--keep-failed');
    expect([kept.status, kept.code], kept.stdout).toEqual([4, 'change-failed']);
    expect(await jail.manifest()).toBe(before);
    expect((await lab.run(['jtx', 'aside', 'drop', kept.id ?? ''])).status).toBe(0);
    const done = await jail.jtx('install', 'tiny', '--rehearse');
    expect(done.status, done.stdout).toBe(0);
    await expectNothingLeft(lab, jail, true);
  });

  it('a clone that somebody looks through keeps no change from being made, and goes once it is let go of', async () => {
    await lab.must('service jail onestart web');
    const look = 'until cd "$LAB_JAILS"/web.rehearsal-*/usr; do sleep 0.05; done; exec sleep 611';
    await start('looking', 'sh', '-c', look);
    const done = await jail.jtx('install', 'tiny', '--rehearse');
    expect([done.status, done.state], done.stdout).toEqual([5, 'committed']);
    expect(done.stdout).toContain('the clone of the rehearsal');
    expect(await jail.packages()).toEqual(['tiny-1.0']);
    const left = 'zfs list -H -t filesystem,snapshot -o name | grep rehearsal || true';
    expect(await lab.must(left)).toContain(`web.rehearsal-${done.id}`);
    expect((await lab.run(['jtx', 'recover'])).status).toBe(5);
    await lab.must('pkill -fx "sleep 611"');
    await ended('looking');
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout).toBe(0);
    expect(await lab.must(left)).toBe('');
    expect(await jail.packages()).toEqual(['tiny-1.0']);
    await expectNothingLeft(lab, jail, true, true);
  });

  it('data that is to stay does not go with a parent of which there is no snapshot', async () => {
    await lab.must(
      'zfs create -o canmount=off "$1/box"; zfs create "$1/box/in"; zfs set jtx:rollback=off "$1/box/in"; zfs snapshot "$1@then"',
      jail.dataset,
    );
    const refused = await jail.jtx('rollback', '@then');
    expect([refused.status, refused.code], refused.stdout).toEqual([3, 'data-without-place']);
    await lab.must('zfs set jtx:rollback=off "$1/box"', jail.dataset);
    const back = await jail.jtx('rollback', '@then');
    expect(back.status, back.stdout).toBe(0);
    expect(await lab.must('zfs get -H -o value readonly "$1/box/in"', jail.dataset)).toBe('off\n');
  });

  it('the trial of a jail that was destroyed keeps no other from being ended', async () => {
    const before = await jail.manifest();
    expect((await jail.jtx('install', 'tiny', '--confirm-within', '1h')).status).toBe(0);
    await lab.must('pkill -KILL -f "jtx.js trial"');
    await sqlite(
      `UPDATE transactions SET confirm_by = 1; CREATE TEMP TABLE gone AS SELECT * FROM transactions;
       UPDATE gone SET id = '01ARZ3NDEKTSV4RRFFQ69G5FAV', jail = 'gone', root = '/nowhere/gone';
       INSERT INTO transactions SELECT * FROM gone`,
    );
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout + recovered.stderr).toBe(5);
    expect(recovered.stdout).toContain('there is no jail gone');
    expect(await jail.manifest()).toBe(before);
  });

  it('a jail that cannot be set aside, as a shell of the host stands in it, is not stopped', async () => {
    await lab.must('service jail onestart web');
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    const first = await lab.must('jls -n jid name | grep name=web');
    await start('shell', 'sh', '-c', `cd "${jail.root}/usr" && exec sleep 605`);
    await until(lab, 'pgrep -fx "sleep 605"');
    expect((await jail.jtx('rollback')).code).toBe('root-busy');
    await lab.must('pkill -fx "sleep 605"');
    await ended('shell');
    expect(await lab.must('jls -n jid name | grep name=web')).toBe(first);
  });

  it('a jail that was stopped for a rollback that was then refused, and does not start, is told', async () => {
    await lab.must('service jail onestart web');
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await lab.must(
      'echo \'control = { stop = ["service", "jail", "onestop", "web"], start = ["false"] }\' >> "$LAB/jtx.toml"',
    );
    await start('rooted', 'chroot', jail.root, 'sleep', '606');
    await until(lab, 'pgrep -fx "sleep 606"');
    const refused = await jail.jtx('rollback');
    await lab.must('pkill -fx "sleep 606"');
    await ended('rooted');
    expect([refused.status, refused.code], refused.stdout).toEqual([5, 'jail-not-started']);
    expect(await jail.packages()).toEqual(['tiny-1.0']);
    expect((await lab.run(['jtx', 'recover'])).status).toBe(5);
    await lab.must('cp "$LAB/jtx.toml.base" "$LAB/jtx.toml"');
    expect((await lab.run(['jtx', 'recover'])).status).toBe(0);
    expect(await lab.must('jls -n name')).toContain('name=web');
  });

  it('a change whose jail did not start is settled also once its snapshot was gone back to and has gone', async () => {
    await lab.must('service jail onestart web');
    await lab.must(
      'echo \'control = { stop = ["service", "jail", "onestop", "web"], start = ["false"] }\' >> "$LAB/jtx.toml"',
    );
    const installed = await jail.jtx('install', 'tiny', '--stop');
    expect([installed.status, installed.state], installed.stdout).toEqual([5, 'committed']);
    const back = await jail.jtx('rollback', '--discard');
    expect([back.status, back.state], back.stdout).toEqual([0, 'committed']);
    await lab.must('cp "$LAB/jtx.toml.base" "$LAB/jtx.toml"');
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout).toBe(0);
    expect(await lab.must('jls -n name')).toContain('name=web');
    expect((await lab.run(['jtx', 'recover'])).stdout).not.toContain(installed.id);
    // What a person has stopped since stays so.
    await lab.must('service jail onestop web');
    expect((await jail.jtx('install', 'libfoo', '--plan')).status).toBe(0);
    expect(await lab.must('jls -n name')).not.toContain('name=web');
  });

  it('a rollback that is interrupted while the jail stops starts it again, and says by its status what ended it', async () => {
    await lab.must('service jail onestart web');
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await lab.must(
      'echo \'control = { stop = ["sh", "-c", "sleep 3; service jail onestop web"], start = ["service", "jail", "onestart", "web"] }\' >> "$LAB/jtx.toml"',
    );
    await start('interrupted', 'jtx', 'rollback', 'web');
    await until(lab, 'pgrep -fx "sleep 3"');
    await lab.must('pkill -INT -f "jtx.js rollback web"');
    const { status, said } = await ended('interrupted');
    expect(status, said).toBe(130);
    expect(await jail.packages()).toEqual(['tiny-1.0']);
    expect(await lab.must('jls -n name')).toContain('name=web');
  });

  it('a rollback in place that is cut off by the snapshot of another and a shell is never told as nothing', async () => {
    await lab.must('service jail onestart web');
    const before = await jail.packages();
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await lab.must(
      'printf \'control = { stop = ["sh", "-c", "service jail onestop web; zfs snapshot %s@foreign"], start = ["service", "jail", "onestart", "web"] }\\n\' "$1" >> "$LAB/jtx.toml"',
      jail.dataset,
    );
    await start('shell', 'sh', '-c', `cd "${jail.root}/usr" && exec sleep 607`);
    await until(lab, 'pgrep -fx "sleep 607"');
    const cut = await jail.jtx('rollback', '--discard');
    await lab.must('pkill -fx "sleep 607"');
    await ended('shell');
    expect([cut.status, cut.state], cut.stdout).toEqual([5, 'stuck']);
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout).toBe(0);
    expect(await jail.packages()).toEqual(before);
    expect(await lab.must('jls -n name')).toContain('name=web');
  });
});
