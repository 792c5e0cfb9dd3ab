import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import type { Ended } from '../lab/open-lab.ts';
import { BackupLab } from './backup-lab.ts';

/** Ends jtx, and nothing that it has started. */
const interruptJtx = `
for process in /proc/[0-9]*; do
  case $(tr '\\0' ' ' < "$process/cmdline" 2>/dev/null) in *node*jtx.js" check-backup "*) kill -INT "\${process#/proc/}" ;; esac
done`;

/** Ends the zfs that sends what is to be proved. */
const killSend = `
for process in /proc/[0-9]*; do
  words=$(tr '\\0' ' ' < "$process/cmdline" 2>/dev/null)
  case $words in */bash*) ;; */zfs" send "*) kill -9 "\${process#/proc/}" ;; esac
done`;

describe('a proof', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  let place: string;
  beforeAll(async () => {
    place = await lab.place('disk');
    await lab.targets({ disk: place });
    expect((await lab.backup('web')).status).toBe(0);
  });

  const check = (...args: string[]): Promise<Ended> => lab.run(['jtx', 'check-backup', ...args]);
  const lastProof = async (target = 'disk'): Promise<string | undefined> => {
    const { stdout } = await lab.run(['jtx', 'backup', '--status', 'web', '--target', target, '--json']);
    const { status }: { status: { backups: { check: { state: string } | null }[] } } = JSON.parse(stdout);
    return status.backups[0]?.check?.state;
  };

  it('of one target is not kept from by another that is gone, which is told', async () => {
    await lab.targets({ gone: `${lab.directory}/gone`, disk: place });
    const both = await check('web');
    expect([both.status, both.stdout]).toEqual([
      5,
      expect.stringMatching(/^gone FAILED: there is no directory .*\nweb from disk, backup \w+: proved: /),
    ]);
    const json = await check('--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      checks: [{ target: 'disk', state: 'proved' }],
      failures: [{ jail: null, target: 'gone', error: { code: 'target-missing' } }],
    });
    expect((await check('--target', 'gone')).status).toBe(3);
    await lab.targets({ disk: place });
  });

  it('is made by one at a time, and another is told of what', async () => {
    await lab.stall(1024 * 1024);
    const environment = { PATH: `${lab.directory}/slow:${lab.environment['PATH']}` };
    const running = lab.run(['jtx', 'check-backup', 'web'], { environment });
    await lab.stalled();
    const second = await check('web');
    expect([second.status, second.stderr]).toEqual([
      6,
      expect.stringContaining('a check of backups, or the restore of a file, is running'),
    ]);
    await lab.go();
    expect((await running).status).toBe(0);
  });

  it('that is interrupted says nothing of the backup, and leaves nothing', async () => {
    await lab.stall(1024 * 1024);
    const environment = { PATH: `${lab.directory}/slow:${lab.environment['PATH']}` };
    const running = lab.run(['jtx', 'check-backup', 'web'], { environment });
    await lab.stalled();
    await lab.must(interruptJtx);
    const { status, stdout } = await running;
    await lab.go();
    expect([status, stdout]).toEqual([130, 'Interrupted.\n']);
    expect(await lastProof()).toBe('proved');
    expect(await lab.must('zfs list -H -o name | grep -c jtx-drill || true')).toBe('0\n');
  });

  it('finds that the target has lost a dataset of the jail', async () => {
    await lab.must('zfs destroy -r "$1/web:www"', place);
    const { status, stdout } = await check('web');
    expect([status, stdout]).toEqual([5, expect.stringMatching(/NOT PROVED: it lacks \S+\/web\/www$/m)]);
    expect(await lastProof()).toBe('failed');
    expect((await lab.backup('web')).status).toBe(0);
    expect((await check('web')).status).toBe(0);
  });

  it('holds after a rollback too, which has set aside what the backup was made from', async () => {
    expect((await lab.backup('web')).status).toBe(0);
    expect((await lab.run(['jtx', 'run', 'web', '--', 'true'])).status).toBe(0);
    const back = await lab.run(['jtx', 'rollback', 'web']);
    expect(back.status, back.stdout).toBe(0);
    const { status, stdout } = await check('web');
    expect([status, stdout]).toEqual([0, expect.stringContaining('proved: ')]);
    await lab.must('zfs destroy -r "$1/web:www"', place);
    expect((await check('web')).stdout).toMatch(/NOT PROVED: it lacks \S+\/web\/www$/m);
    expect((await lab.backup('web')).status).toBe(0);
    expect((await check('web')).status).toBe(0);
  });

  it.each([0, 1])(
    'of a backup that was made during a change which ends with %i fails for nothing that is known',
    async (end) => {
      const script = 'touch /etc/begun; while [ -e /etc/begun ]; do sleep 0.1; done; exit "$0"';
      const change = lab.run(['jtx', 'run', 'web', '--', 'sh', '-c', script, String(end)]);
      await lab.must(
        'for i in $(seq 300); do [ -e "$LAB_JAILS/web/etc/begun" ] && exit; sleep 0.1; done; exit 1',
      );
      expect((await lab.backup('web')).status).toBe(0);
      await lab.must('rm "$LAB_JAILS/web/etc/begun"');
      expect((await change).status).toBe(end === 0 ? 0 : 4);
      const { status, stdout } = await check('web');
      // Where there are no bookmarks the snapshot is held: it is the base of the next.
      const said =
        end === 0 || lab.old
          ? ([0, /backup \w+: proved: /] as const)
          : ([
              5,
              /^web from disk FAILED: backup \w+ is not compared: it was made from \S+\/web@jtx-\w+, /,
            ] as const);
      expect([status, stdout]).toEqual([said[0], expect.stringMatching(said[1])]);
      expect(await lastProof()).toBe('proved');
    },
  );

  it.each(['legacy', 'none', '/elsewhere'])(
    'looks into a child with the mount point %s too',
    async (mountpoint) => {
      const child = `${lab.pool}/jails/web/beside`;
      await lab.must(
        `zfs create -o mountpoint="$LAB/beside" "$1" && echo good > "$LAB/beside/file" && zfs unmount "$1" && zfs set mountpoint="$2" "$1"`,
        child,
        mountpoint,
      );
      expect((await lab.backup('web')).status).toBe(0);
      const good = await check('web');
      expect([good.status, good.stdout]).toEqual([0, expect.stringContaining('proved: ')]);
      await lab.must(
        `set -e; copy=$1/web:beside; point=$(zfs list -H -r -t snapshot -o name "$copy" | tail -1)
         zfs set readonly=off "$copy"; zfs set mountpoint="$LAB/touched" "$copy"; zfs mount "$copy"
         echo bad! > "$LAB/touched/file"; zfs unmount "$copy"; zfs destroy "$point"; zfs snapshot "$point"`,
        place,
      );
      const bad = await check('web');
      expect([bad.status, bad.stdout]).toEqual([
        5,
        expect.stringMatching(/NOT PROVED: not what was backed up: in beside: file differs$/m),
      ]);
      expect(await lab.must('mount | grep -c /drill/ || true')).toBe('0\n');
      await lab.must('zfs destroy -r "$1/web:beside"', place);
      await lab.must(
        'for s in $(zfs list -H -o name -t snapshot -r "$1"); do zfs release jtx-to-disk "$s" 2>/dev/null; done; zfs destroy -r "$1"',
        child,
      );
    },
  );

  it('by a clock that ran ahead keeps no backup from its turn', async () => {
    await lab.targets({ disk: place, other: await lab.place('other') });
    expect((await lab.backup('web')).status).toBe(0);
    expect((await check('web')).status).toBe(0);
    await lab.must(
      `sqlite3 "$JTX_JOURNAL" "UPDATE backup_turns SET at = at + 86400000 WHERE target = 'disk'"`,
    );
    expect((await check('web', '--sample', '1')).stdout).toMatch(/^web from disk/);
  });

  it('that is kept from its end says nothing of the backup, and takes no turn from others', async () => {
    await lab.targets({ disk: place, second: await lab.place('second') });
    expect((await lab.backup('web')).status).toBe(0);
    for (const target of ['second', 'disk']) expect((await check('web', '--target', target)).status).toBe(0);
    await lab.stall(1024 * 1024);
    const environment = { PATH: `${lab.directory}/slow:${lab.environment['PATH']}` };
    const running = lab.run(['jtx', 'check-backup', '--sample', '1', '--json'], { environment });
    await lab.stalled();
    await lab.must(killSend);
    await lab.go();
    const { status, stdout } = await running;
    expect([status, JSON.parse(stdout)]).toMatchObject([
      5,
      { checks: [], failures: [{ jail: 'web', target: 'second', error: { code: 'send-failed' } }] },
    ]);
    expect(await lastProof('second')).toBe('proved');
    expect((await check('--sample', '1')).stdout).toMatch(/^web from disk, backup \w+: proved: /);
  });
});

describe('of a jail that is no more', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  beforeAll(async () => {
    await lab.targets({ disk: await lab.place('disk') });
    await lab.must(`for name in old web2; do zfs create "$LAB_POOL/jails/$name"; done
      echo 1 > "$LAB_JAILS/old/file"; echo 1 > "$LAB_JAILS/web2/file"`);
    expect((await lab.backup('old', 'web')).status).toBe(0);
    await lab.must(
      `for s in $(zfs list -H -o name -t snapshot -r "$1"); do zfs release jtx-to-disk "$s" 2>/dev/null; done
      # What was written a moment ago can still be held.
      for try in 1 2 3 4 5; do zfs destroy -r "$1" && exit; sleep 1; done; exit 1`,
      `${lab.pool}/jails/old`,
    );
  });
  const check = (...args: string[]): Promise<Ended> => lab.run(['jtx', 'check-backup', ...args]);

  it('no proof is tried where it is not named, and the others have their turn', async () => {
    const { status, stdout } = await check('--sample', '1');
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/^Left out, .*: old\.\nweb from disk, backup \w+: proved: [^\n]*\n$/),
    ]);
    expect(JSON.parse((await check('--json')).stdout)).toMatchObject({
      checks: [{ jail: 'web', state: 'proved' }],
      failures: [],
      leftOut: ['old'],
    });
  });

  it('one that is named is not proved, and why is told before anything is received', async () => {
    const { status, stdout, stderr } = await check('old');
    expect([status, stdout]).toEqual([
      5,
      expect.stringMatching(/^old from disk FAILED: there is no dataset of old here any more/),
    ]);
    expect(stderr).not.toMatch(/receiv/);
  });

  it('what another host has backed up to the same place is looked at as before', async () => {
    await lab.must(`unshare -u sh -c 'hostname elsewhere; exec jtx backup web2'`);
    await lab.must(
      `for s in $(zfs list -H -o name -t snapshot -r "$1"); do zfs release jtx-to-disk "$s" 2>/dev/null; done
      # What was written a moment ago can still be held.
      for try in 1 2 3 4 5; do zfs destroy -r "$1" && exit; sleep 1; done; exit 1`,
      `${lab.pool}/jails/web2`,
    );
    const { status, stdout } = await check();
    expect([status, stdout]).toEqual([
      5,
      expect.stringMatching(/^web2 from disk FAILED: there is no dataset of web2 here/m),
    ]);
  });
});
