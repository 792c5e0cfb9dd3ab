import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { JailUnderTest } from '../lab/jail-under-test.ts';
import { BackupLab } from './backup-lab.ts';

// An old ZFS has no permissions to delegate.
describe.runIf(process.env['JTX_LAB_ZFS'] === 'openzfs')(
  'permissions that were delegated',
  {
    timeout: deadline(120_000),
  },
  () => {
    const lab = openForTests(new BackupLab());
    // What was restored is another dataset than what the lab made: each test begins with whatever is there.
    const jail = new JailUnderTest(lab, 'web');
    beforeAll(() => jail.remember());

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

    it.each(['allow', 'inherit'])('are given by recovery where jtx was killed at zfs %s', async (verb) => {
      await lab.targets({ disk: await lab.place(verb) });
      const { status, stdout } = await lab.backup('web');
      expect(status, stdout).toBe(0);
      await lab.must('zfs allow nobody mount,snapshot "$1"; zfs allow -l -e clone "$1/www"', jail.dataset);
      const before = await granted();
      await lab.must(
        `mkdir -p "$LAB/killing"; touch "$LAB/kill"
         cat > "$LAB/killing/zfs" <<END
#!/bin/bash
[ "\\$1" != "$1" ] || [ \\$# -lt 3 ] || ! rm "$LAB/kill" 2>/dev/null || kill -9 \\$PPID
exec $(command -v zfs) "\\$@"
END
         chmod 755 "$LAB/killing/zfs"`,
        verb,
      );
      const environment = { PATH: `${lab.directory}/killing:${lab.environment['PATH']}` };
      const killed = await lab.run(['jtx', 'restore', 'web'], { environment });
      expect(killed.status, killed.stdout + killed.stderr).not.toBe(0);
      expect(await lab.must('ls "$LAB" | grep -cx kill || true')).toBe('0\n');
      const recovered = await lab.run(['jtx', 'recover']);
      expect(recovered.status, recovered.stdout + recovered.stderr).toBe(0);
      expect(await lab.must('jtx history web')).toContain('to backup');
      expect(await granted()).toBe(before);
    });
  },
);
