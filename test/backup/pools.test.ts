import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

const secondPool = `
truncate -s 300M "$LAB/second"
zpool create -o cachefile=none -O compression=off -m none "$LAB_POOL-second" "$LAB/second"
zfs create -o mountpoint="$LAB_JAILS/db" "$LAB_POOL-second/db"
zfs create "$LAB_POOL-second/db/data"
echo one > "$LAB_JAILS/db/data/file"
printf 'db {\\n path = %s/db;\\n persist;\\n}\\n' "$LAB_JAILS" >> "$LAB/jail.conf"
`;

describe('jails of two pools', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  beforeAll(async () => {
    await lab.must(secondPool);
    const here = await lab.place('here');
    await lab.must('zfs create -o mountpoint=none "$LAB_POOL-second/there"');
    await lab.targets({ here, there: `${lab.pool}-second/there` });
  });
  afterAll(() => lab.sh('zpool destroy -f "$LAB_POOL-second"'));

  async function night(): Promise<{ id: string; web: string; db: string }> {
    const [web, db] = [await lab.manifest('web'), await lab.manifest('db')];
    const { id, status, results, stdout, stderr } = await lab.backup('web', 'db');
    expect(status, stdout + stderr).toBe(0);
    expect(results.map(({ jail, target, state }) => `${jail} ${target} ${state}`).sort()).toEqual([
      'db here sent',
      'db there sent',
      'web here sent',
      'web there sent',
    ]);
    return { id, web, db };
  }

  it('are backed up as one, to either pool', async () => {
    const first = await night();
    await lab.must('echo two > "$LAB_JAILS/db/data/file"; echo two > "$LAB_JAILS/web/etc/two"');
    const second = await night();
    for (const { id, web, db } of [first, second])
      for (const target of ['here', 'there']) {
        expect(await lab.restored(target, 'web', id)).toBe(web);
        expect(await lab.restored(target, 'db', id)).toBe(db);
      }
    // A snapshot of a pool is one step: all of its datasets have it from the same moment.
    const moments = await lab.must(
      'for top in "$LAB_POOL/jails/web" "$LAB_POOL-second/db"; do zfs get -Hp -r -o name,value creation "$top" | grep "@jtx-backup-$1" | cut -f 2 | uniq | wc -l; done',
      second.id,
    );
    expect(moments.trim().split(/\s+/)).toEqual(['1', '1']);
  });

  it('come back from the other pool, and are proved', async () => {
    await lab.must('for jail in web db; do echo three > "$LAB_JAILS/$jail/three"; done');
    const { id, db } = await night();
    const proved = await lab.run(['jtx', 'check-backup']);
    expect([proved.status, proved.stdout.match(/proved:/g)?.length], proved.stdout).toEqual([0, 4]);
    await lab.must('echo wrong > "$LAB_JAILS/db/data/file"');
    const back = await lab.run(['jtx', 'restore', 'db', '--from', 'here', '--at', id]);
    expect(back.status, back.stdout + back.stderr).toBe(0);
    expect(await lab.manifest('db')).toBe(db);
    expect(await lab.must('zfs list -H -o name "$LAB_POOL-second/db/data"')).toContain('second/db/data');
  });

  /** A night in which something happens to a `zfs snapshot`; how each jail fared. */
  async function troubled(trouble: string): Promise<{ status: number; states: string[] }> {
    await lab.must(
      'mkdir -p "$LAB/troubled"; printf "%s" "$1" | sed "s|@REAL@|$(command -v zfs)|; s|@POOL@|$LAB_POOL|" > "$LAB/troubled/zfs"; chmod 755 "$LAB/troubled/zfs"; for jail in web db; do date +%N > "$LAB_JAILS/$jail/again"; done',
      trouble,
    );
    const environment = { PATH: `${lab.directory}/troubled:${lab.environment['PATH']}` };
    const args = ['jtx', 'backup', 'db', 'web', '--target', 'here', '--json'];
    const { status, stdout } = await lab.run(args, { environment });
    const { backup }: { backup?: { results: { jail: string; state: string }[] } } = JSON.parse(stdout);
    return { status, states: (backup?.results ?? []).map(({ jail, state }) => `${jail} ${state}`).sort() };
  }

  it('of which one takes no snapshot: those of the other are backed up', async () => {
    const full = `#!/bin/sh
      case "$*" in snapshot*/jails/web@*) echo 'cannot create snapshots: out of space' >&2; exit 1 ;; esac
      exec @REAL@ "$@"`;
    expect(await troubled(full)).toEqual({ status: 5, states: ['db sent', 'web failed'] });
  });

  it('of which one loses a dataset just after its snapshot: it is backed up without that', async () => {
    const losing = `#!/bin/sh
      @REAL@ "$@" || exit
      case "$*" in snapshot*-second/db@*) @REAL@ destroy -r @POOL@-second/db/fleeting ;; esac`;
    await lab.must('zfs create -o mountpoint=none "$LAB_POOL-second/db/fleeting"');
    expect(await troubled(losing)).toEqual({ status: 0, states: ['db sent', 'web sent'] });
  });
});
