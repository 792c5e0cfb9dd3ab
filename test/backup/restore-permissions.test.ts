import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

// An old ZFS has no permissions to delegate.
describe.runIf(process.env['JTX_LAB_ZFS'] === 'openzfs')(
  'permissions that were delegated',
  {
    timeout: deadline(120_000),
  },
  () => {
    const lab = openForTests(new BackupLab());
    const jail = jailForTests(lab, 'web');

    /** The grants on the jail's datasets, without the lines that name these. */
    const granted = (): Promise<string> =>
      lab.must('for one in "$1" "$1/www"; do zfs allow "$one" | sed "s/^---- .*/--/"; done', jail.dataset);

    it('are those of what was restored too, and come back when that is undone', async () => {
      await lab.targets({ disk: await lab.place('disk') });
      expect((await lab.backup('web')).status).toBe(0);
      await lab.must(
        `zfs allow nobody mount,snapshot "$1"; zfs allow -s @all clone,hold "$1"; zfs allow -c destroy "$1"
       zfs allow -l -e @all "$1/www"; zfs create "$1/since"; zfs allow nobody destroy "$1/since"`,
        jail.dataset,
      );
      const before = await granted();
      expect(before).toMatch(/nobody[\s\S]*everyone/);
      const done = await jail.jtx('restore');
      expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
      expect(await granted()).toBe(before);
      await lab.must('zfs unallow nobody snapshot "$1"', jail.dataset);
      expect(await granted()).not.toBe(before);
      const back = await jail.jtx('rollback', done.id ?? '');
      expect(back.status, back.stdout).toBe(0);
      expect(await granted()).toBe(before);
    });
  },
);
