import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

const megabyte = 1024 * 1024;

describe('a target that was moved with its history', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());

  async function night(): Promise<{ id: string; manifest: string; bytes: number }> {
    const manifest = await lab.manifest('web');
    const { only, status, stdout, stderr } = await lab.backup('web');
    expect(status, stdout + stderr).toBe(0);
    return { id: only.point ?? '', manifest, bytes: only.bytes };
  }

  /** A child of web under this name, without what it was before, and whose bases of increments are held there. */
  const make = (text: string): Promise<string> =>
    lab.must(
      `for snapshot in $(zfs list -H -o name -t snapshot -r "$1" 2>/dev/null); do
         zfs release jtx-to-disk "$snapshot" 2>/dev/null
       done
       ! zfs list "$1" >/dev/null 2>&1 || for i in $(seq 50); do zfs destroy -r "$1" 2>/dev/null && break; sleep 0.1; done
       zfs create "$1" && echo "$2" > "$LAB_JAILS/web/extra/file"`,
      `${lab.pool}/jails/web/extra`,
      text,
    );

  it('is the same target: what it has is restored and proved, and goes on', async () => {
    const old = await lab.place('old');
    await lab.targets({ disk: old });
    await make('one');
    const nights = [await night()];
    await make('two');
    nights.push(await night());
    const moved = `${lab.pool}/new`;
    await lab.must(
      `set -o pipefail; zfs snapshot -r "$1@move" && zfs send -R "$1@move" | zfs receive -u "$2"
       zfs destroy -r "$2@move" && zfs destroy -r "$1"`,
      old,
      moved,
    );
    const [retired = '', ...others] = (
      await lab.must('zfs get -H -o name,source -r jtx:backup-of "$1" | grep -v @ | grep until', moved)
    )
      .trim()
      .split('\n');
    expect([retired, others]).toEqual([`${moved}/web:extra.until-${nights[1]?.id}\treceived`, []]);

    const asked = await lab.run(['jtx', 'restore', 'web', '--from', moved, '--plan']);
    expect(asked, asked.stderr).toMatchObject({ status: 0 });
    await lab.targets({ disk: moved });
    const checked = await lab.run(['jtx', 'check-backup', 'web', '--json']);
    expect(checked, checked.stdout + checked.stderr).toMatchObject({ status: 0 });
    expect(checked.stdout).toContain('"proved"');
    await lab.must('echo more > "$LAB_JAILS/web/usr/local/www/more"');
    nights.push(await night());
    expect(nights[2]?.bytes).toBeLessThan(megabyte);
    for (const { id, manifest } of nights) expect(await lab.restored('disk', 'web', id)).toBe(manifest);
  });
});
