import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

describe('a jail whose file systems are not mounted where their properties say', {
  timeout: deadline(120_000),
}, () => {
  const lab = openForTests(new BackupLab());
  beforeAll(async () => lab.targets({ disk: await lab.place('disk') }));

  const jtx = async (...args: string[]): Promise<string> => {
    const ended = await lab.run(['jtx', ...args]);
    expect(ended.status, ended.stdout + ended.stderr).toBe(0);
    return ended.stdout + ended.stderr;
  };
  /** Restores a file that has been lost, from the newest backup. */
  const expectFileBack = async (path: string): Promise<void> => {
    const file = `${lab.environment['LAB_JAILS']}/web${path}`;
    const before = await lab.must('cat "$1"', file);
    expect((await lab.backup('web')).status).toBe(0);
    await lab.must('rm "$1"', file);
    await jtx('restore', 'web', '--path', path);
    expect(await lab.must('cat "$1"', file)).toBe(before);
  };

  it('because the host has a symlink on the way: a file of a child comes back, and a child where it was', async () => {
    await lab.must(`
      set -e; ln -sfn "$LAB_JAILS" "$LAB/link"; web=$LAB_POOL/jails/web
      zfs unmount $web/www; zfs set mountpoint="$LAB/link/web" $web
      zfs set mountpoint="$LAB/link/web/usr/local/www" $web/www
      [ "$(zfs get -H -o value mounted $web/www)" = yes ] || zfs mount $web/www`);
    await expectFileBack('/usr/local/www/first');
    const then = await lab.manifest('web');
    expect((await lab.backup('web')).status).toBe(0);
    expect(await jtx('restore', 'web', '--as', 'beside')).not.toContain('mounted nowhere');
    expect(await lab.manifest('beside')).toBe(then);
  });

  it('because the jail has mounted one: a file of it comes back', async () => {
    // What test/transaction/mount-table.test.ts does.
    await lab.must(`
      set -e; data=$LAB_POOL/jails/web/data
      zfs create -o canmount=noauto -o mountpoint="$LAB/data" $data
      zfs mount $data; echo kept > "$LAB/data/file"; mkdir -p "$LAB_JAILS/web/data"
      /bin/mount --bind "$LAB/data" "$LAB_JAILS/web/data"
      zfs set zoned=on $data; zfs set canmount=on $data
      mountpoint -q "$LAB_JAILS/web/data" || /bin/mount --bind "$LAB/data" "$LAB_JAILS/web/data"
      ! mountpoint -q "$LAB/data" || /bin/umount "$LAB/data"`);
    try {
      await expectFileBack('/data/file');
    } finally {
      await lab.sh('umount "$LAB_JAILS/web/data"; zfs set zoned=off "$LAB_POOL/jails/web/data"');
    }
  });
});
