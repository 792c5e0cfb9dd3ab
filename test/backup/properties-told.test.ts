import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

describe('what a child has of its own since it was sent', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  beforeAll(async () => {
    await lab.must('mkdir "$LAB/files"');
    await lab.targets({ disk: await lab.place('disk'), files: `${lab.directory}/files` });
  });

  const backUp = async (): Promise<string[]> => {
    const { status, results, stdout } = await lab.backup('web');
    expect(status, stdout).toBe(0);
    return [...new Set(results.map(({ state }) => state))];
  };

  it.each([
    ['only the jail itself has changed', 'date +%N > "$LAB_JAILS/web/etc/date"', 'sent', '64M'],
    ['nothing of the jail has changed', ':', 'unchanged', '65M'],
  ])('is restored where %s', async (_, change, state, quota) => {
    await backUp();
    const set = 'zfs set jtx:rollback=off "$1"; zfs set quota="$2" "$1"';
    await lab.must(set, `${lab.pool}/jails/web/www`, quota);
    await lab.must(change);
    // An old zfs(8) cannot tell what has changed.
    expect(await backUp()).toEqual([lab.old ? 'sent' : state]);
    for (const from of ['disk', 'files']) {
      const name = `${from}-${state}`;
      const { status, stdout } = await lab.run(['jtx', 'restore', 'web', '--as', name, '--from', from]);
      expect(status, stdout).toBe(0);
      const get = 'zfs get -H -s local -o value jtx:rollback,quota "$1"';
      expect(await lab.must(get, `${lab.pool}/jails/${name}/www`)).toBe(`off\n${quota}\n`);
    }
    await lab.must('zfs inherit jtx:rollback "$1"; zfs set quota=none "$1"', `${lab.pool}/jails/web/www`);
  });
});
