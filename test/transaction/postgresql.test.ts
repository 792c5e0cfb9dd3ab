import { beforeEach, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';

const inside = 'jexec -l -U postgres postgresql';

/** Starts the jail with a database of rows; `$1` is the root, `$2` the directory of its data as the jail sees it. */
const startDatabase = `
printf '%s\\n' postgresql_enable=YES "postgresql_data=$2" > "$1/etc/rc.conf"
mkdir -p "$1$2" && chown 770:770 "$1$2" && chmod 700 "$1$2"
printf '%s {\\n  path = %s;\\n  vnet;\\n  exec.clean;\\n  mount.devfs;\\n  devfs_ruleset = 4;\\n  exec.start = "/usr/local/etc/rc.d/postgresql initdb; true";\\n  persist;\\n}\\n' initdb "$1" > "$LAB/initdb.conf"
jail -f "$LAB/initdb.conf" -c initdb >/dev/null && jail -f "$LAB/initdb.conf" -r initdb >/dev/null
service jail onestart postgresql >/dev/null
${inside} psql -q -c 'create table rows (id bigint primary key, at timestamptz default now())' postgres
${inside} pgbench -q -i -s 1 postgres 2>/dev/null
`;

/**
 * Writes rows until it is ended, no faster than leaves the rest some of the machine: each line of $LAB/acknowledged is a
 * row whose commit the database has confirmed.
 */
const load = `
: > "$LAB/acknowledged"
( while ! [ -e "$LAB/load-ends" ]; do ${inside} pgbench -n -c 2 -R 100 -T 2 postgres >/dev/null 2>&1 || sleep 0.2; done ) </dev/null >/dev/null 2>&1 &
( id=0; while ! [ -e "$LAB/load-ends" ]; do
    id=$((id + 1))
    if ${inside} psql -qAt -c "insert into rows (id) values ($id) returning id" postgres >> "$LAB/acknowledged" 2>/dev/null; then :; else sleep 0.1; fi
  done ) </dev/null >/dev/null 2>&1 &
`;

const newer = `sed -i "s|$LAB_REPO_URL|$LAB_REPO_NEXT_URL|" "$1/usr/local/etc/pkg/repos/lab.conf"`;

describe('PostgreSQL under load, and an upgrade that fails', { timeout: deadline(180_000) }, () => {
  const lab = openForTests(new Lab({ JTX_LAB_FIXTURE_REPOSITORIES: '', LAB_POOL_SIZE: '6G' }));
  const jail = jailForTests(lab, 'postgresql');
  beforeEach(async () => {
    await lab.must('rm -f "$LAB/load-ends"');
    await jail.reset();
    await lab.must('zfs inherit jtx:rollback "$1/data"', jail.dataset);
    const done = await jail.jtx('install', 'postgresql15-server');
    expect(done.status, done.stdout).toBe(0);
  });

  const rows = async (): Promise<Set<string>> =>
    new Set((await lab.must(`${inside} psql -qAt -c 'select id from rows' postgres`)).trim().split('\n'));
  const acknowledged = async (): Promise<string[]> =>
    (await lab.must('cat "$LAB/acknowledged"')).trim().split('\n').filter(Boolean);

  /** An upgrade under load that fails in verification; the load goes on for a while after it. */
  async function failUnderLoad(): Promise<string> {
    await lab.must(load);
    await lab.must('until [ "$(wc -l < "$LAB/acknowledged")" -ge 10 ]; do sleep 0.1; done');
    await lab.must(newer, jail.root);
    const failed = await jail.jtx('upgrade', '--verify', 'psql --version', '--expect', 'never');
    expect([failed.status, failed.state, failed.code], failed.stdout + failed.stderr).toEqual([
      4,
      'rolled-back',
      'verification-failed',
    ]);
    await lab.must(
      'now=$(wc -l < "$LAB/acknowledged"); until [ "$(wc -l < "$LAB/acknowledged")" -ge $((now + 3)) ]; do sleep 0.1; done; touch "$LAB/load-ends"; sleep 1',
    );
    expect(await lab.must('jls -n name')).toContain('name=postgresql');
    return failed.id ?? '';
  }

  it('loses no committed row where the data is a child that never goes back', async () => {
    await lab.must('zfs set jtx:rollback=off "$1/data"', jail.dataset);
    await lab.must(startDatabase, jail.root, '/var/db/postgres/data15');
    await failUnderLoad();
    const written = await acknowledged();
    const there = await rows();
    console.log(`data in a child of its own: ${written.length} rows confirmed, ${there.size} there`);
    expect(written.filter((id) => !there.has(id))).toEqual([]);
  });

  it('has every row still readable in what was set aside where the data is inside of the jail', async () => {
    await lab.must(startDatabase, jail.root, '/usr/local/pgsql/data15');
    const failed = await failUnderLoad();
    const written = await acknowledged();
    const now = await rows();
    const back = await jail.jtx('rollback', failed);
    expect(back.status, back.stdout).toBe(0);
    const aside = await rows();
    const lost = written.filter((id) => !now.has(id) && !aside.has(id));
    console.log(
      `data inside of the jail: ${written.length} rows confirmed, ${now.size} in the jail after it went back, ${aside.size} in what was set aside`,
    );
    expect(aside.size).toBeGreaterThan(0);
    expect(lost).toEqual([]);
  });
});
