import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

describe('what a jail does for its backup', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  let number = 0;
  beforeAll(() => lab.must('service jail onestart web >/dev/null'));
  beforeEach(() => lab.must('rm -f "$LAB_JAILS"/web/usr/local/www/*'));

  async function backup(before: readonly string[], after: readonly string[], more = '') {
    number += 1;
    const table = `${more}\n[backup.jails.web]\nbefore = ${JSON.stringify(before)}\nafter = ${JSON.stringify(after)}`;
    await lab.targets({ disk: await lab.place(`place${number}`) }, table);
    return lab.backup('web');
  }

  const shell = (script: string): string[] => ['sh', '-c', script];

  it('before runs in the jail just before its snapshot, and after just after it', async () => {
    const { only, status, stderr } = await backup(
      shell('echo "$PWD $(hostname)" > /usr/local/www/dumped'),
      shell('mv /usr/local/www/dumped /usr/local/www/thawed'),
    );
    expect([status, only.state], stderr).toEqual([0, 'sent']);
    const restored = await lab.restored('disk', 'web', only.point ?? '');
    expect(restored).toContain('"usr/local/www/dumped"');
    expect(restored).not.toContain('thawed');
    expect(await lab.must('cat "$LAB_JAILS/web/usr/local/www/thawed"')).toContain('web.lab');
  });

  it('where before fails there is no backup, and after runs nevertheless', async () => {
    const { status, only } = await backup(shell('echo no room >&2; exit 3'), [
      'touch',
      '/usr/local/www/thawed',
    ]);
    expect([status, only.state]).toEqual([5, 'failed']);
    expect(only.message).toMatch(/before the snapshot of web, sh -c .* failed: no room/);
    await lab.must('[ -e "$LAB_JAILS/web/usr/local/www/thawed" ]');
    expect(await lab.must('zfs list -H -t snapshot -o name -r "$LAB_POOL/jails/web"')).not.toContain(
      only.point ?? 'jtx-backup-9',
    );
  });

  it('a before that hangs is ended at the deadline, with all that it started', async () => {
    const { status, only } = await backup(
      shell('sleep 1234 & sleep 1234'),
      ['touch', '/usr/local/www/thawed'],
      'deadline = 2',
    );
    expect([status, only.message]).toEqual([
      5,
      expect.stringContaining('took longer than 2 seconds and was ended'),
    ]);
    await lab.must('! pgrep -fx "sleep 1234"; [ -e "$LAB_JAILS/web/usr/local/www/thawed" ]');
  });

  it('an after that fails is told, and the backup counts', async () => {
    const { status, only } = await backup(['true'], ['false']);
    expect([status, only.state]).toEqual([0, 'sent']);
  });

  it('one that fails does not keep the others from theirs, and a jail that does not run is asked nothing', async () => {
    number += 1;
    const table = '[backup.jails.web]\nbefore = ["false"]\n[backup.jails.postgresql]\nbefore = ["false"]';
    await lab.targets({ disk: await lab.place(`place${number}`) }, table);
    const { status, results } = await lab.backup();
    expect(status).toBe(5);
    expect(results.map(({ jail, state }) => `${jail} ${state}`).sort()).toEqual([
      'postgresql sent',
      'web failed',
    ]);
  });
});
