import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { lockRoot } from '../../src/host/lock.ts';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

/** A zfs whose next listing of the jails lacks what the pattern in `$LAB/torn` matches, as in the midst of setting aside. */
const tearing = `
mkdir -p "$LAB/tearing"
real=$(command -v zfs)
cat > "$LAB/tearing/zfs" <<END
#!/bin/bash
case "\\$*" in
  "get -Hp -r "*jtx:backup-of*/jails/*)
    said=\\$($real "\\$@") || exit
    printf '%s\\n' "\\$said" > "$LAB/said"
    if mv "$LAB/torn" "$LAB/was-torn" 2>/dev/null; then grep -vf "$LAB/was-torn" "$LAB/said"; else cat "$LAB/said"; fi
    exit 0 ;;
esac
exec $real "\\$@"
END
chmod 755 "$LAB/tearing/zfs"
`;

const waitFor = 'for i in $(seq 600); do [ -e "$1" ] && exit; sleep 0.1; done; exit 1';

describe('a jail that changes while the backup is under way', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  beforeAll(() => lab.must(`service jail onestart postgresql >/dev/null; ${tearing}`));

  it.each([0, 1])(
    'its change ends with %i before its snapshot is looked at: what arrives is whole all the same',
    async (end) => {
      const place = await lab.place(`ended${end}`);
      const before = 'touch /tmp/asked; while [ -e /tmp/asked ]; do sleep 0.1; done';
      const table = `[backup.jails.postgresql]\nbefore = ["sh", "-c", ${JSON.stringify(before)}]`;
      await lab.targets({ disk: place }, table);
      const jails = lab.environment['LAB_JAILS'] ?? '';
      const begun = `${jails}/web/etc/begun`;
      const script = 'touch /etc/begun; while [ -e /etc/begun ]; do sleep 0.1; done; exit "$0"';
      const change = lab.run(['jtx', 'run', 'web', '--', 'sh', '-c', script, String(end)]);
      await lab.must(waitFor, begun);
      const backup = lab.backup('postgresql', 'web');
      await lab.must(waitFor, `${jails}/postgresql/tmp/asked`);
      await lab.must('rm "$1"', begun);
      expect((await change).status).toBe(end === 0 ? 0 : 4);
      await lab.must('rm "$1"', `${jails}/postgresql/tmp/asked`);
      const { status, results, stdout } = await backup;
      const web = results.find(({ jail }) => jail === 'web');
      expect([status, web?.state], stdout).toEqual([0, 'sent']);
      expect(await lab.restored('disk', 'web', web?.point ?? '')).toBe(await lab.manifest('web'));
    },
  );

  /** Begins a backup that waits for a lock of another jail, and so has its id, but not yet the locks of the jails after it. */
  async function beginWaiting(jails: readonly string[]) {
    const journal = lab.environment['JTX_JOURNAL'] ?? '';
    const lock = lockRoot(join(dirname(journal), 'locks'), `${lab.environment['LAB_JAILS']}/${jails[0]}`);
    const backup = lab.backup(...jails);
    for (const until = Date.now() + deadline(60_000); !isBegun(journal); await sleep(100))
      if (Date.now() > until) throw new Error('the backup has not begun');
    return { lock, backup };
  }

  function isBegun(path: string): boolean {
    const journal = new Database(path, { readonly: true });
    const begun = journal.prepare('SELECT 1 FROM backups WHERE ended IS NULL').get() !== undefined;
    journal.close();
    return begun;
  }

  it('a change that begins and ends while another jail is waited for is in a backup that is later than it', async () => {
    await lab.targets({ disk: await lab.place('waited') });
    const first = await lab.backup('web');
    expect(first.status, first.stdout).toBe(0);
    await lab.must('date +%N > "$LAB_JAILS/web/etc/date"');
    const { lock, backup } = await beginWaiting(['postgresql', 'web']);
    const change = await lab.run(['jtx', 'run', 'web', '--json', '--', 'touch', '/etc/meanwhile']);
    expect(change.status, change.stdout + change.stderr).toBe(0);
    const { id } = JSON.parse(change.stdout).transaction;
    lock.release();
    const { status, results, stdout } = await backup;
    expect(status, stdout).toBe(0);
    const point = results.find(({ jail }) => jail === 'web')?.point ?? '';
    expect(point > id, `${point} ${id}`).toBe(true);
    expect(await lab.restored('disk', 'web', point)).toBe(await lab.manifest('web'));
    const plan = await lab.run(['jtx', 'restore', 'web', '--at', id, '--plan']);
    expect(plan.stdout).toContain(`backup ${first.only.point} of web`);
  });

  it.each([
    ['a child', '/jails/web/www'],
    ['all of it', '/jails/web'],
  ])('%s was not to be seen when it was first looked for: it arrives', async (what, pattern) => {
    await lab.targets({ disk: await lab.place(`torn${what.length}`) });
    expect((await lab.backup('web')).status).toBe(0);
    await lab.must('date +%N > "$LAB_JAILS/web/etc/date"; date +%N > "$LAB_JAILS/web/usr/local/www/date"');
    await lab.must('echo "$1" > "$LAB/torn"', pattern);
    const environment = { PATH: `${lab.directory}/tearing:${lab.environment['PATH']}` };
    const { status, stdout } = await lab.run(['jtx', 'backup', 'web', '--json'], { environment });
    const { backup }: { backup: { results: { state: string; point: string }[] } } = JSON.parse(stdout);
    expect([status, backup.results[0]?.state], stdout).toEqual([0, 'sent']);
    await lab.must('[ -e "$LAB/was-torn" ]');
    const point = backup.results[0]?.point ?? '';
    expect(await lab.restored('disk', 'web', point)).toBe(await lab.manifest('web'));
  });
});
