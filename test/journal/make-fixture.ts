import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Journal } from '../../src/journal/journal.ts';
import { migrations } from '../../src/journal/migrations.ts';

/**
 * Writes test/fixtures/journal/version-N.db, the journal of this version, which every later version must read:
 *   npx esbuild test/journal/make-fixture.ts --bundle --platform=node --format=esm --external:better-sqlite3 \
 *     --outfile=dist/make-fixture.mjs && node dist/make-fixture.mjs
 */
function makeFixture(file: string): void {
  rmSync(file, { force: true });
  const journal = Journal.open(file);
  const began = {
    jail: 'postgresql',
    root: '/jails/postgresql',
    dataset: 'zroot/jails/postgresql',
    pid: 4711,
    version: '0.1.0',
    datasets: [
      { name: 'zroot/jails/postgresql', mountpoint: '/jails/postgresql', mounted: true, reverted: true },
      {
        name: 'zroot/jails/postgresql/data',
        mountpoint: '/jails/postgresql/var/db/postgres',
        mounted: true,
        reverted: false,
      },
    ],
  };
  const install = '01K7A0000000000000000000A1';
  journal.begin({
    ...began,
    id: install,
    verb: 'install',
    arguments: ['postgresql15-server'],
    started: 1_760_000_000_000,
    restart: true,
    ran: true,
    snapshot: `jtx-${install}`,
    before: 'f00d',
  });
  journal.enter(install, 'snapshot');
  journal.recordSnapshots(install, [
    { dataset: began.dataset, name: `${began.dataset}@jtx-${install}`, guid: '1234567890123456789' },
  ]);
  journal.enter(install, 'apply');
  journal.recordPlan(install, 'New packages to be INSTALLED:\n\tpostgresql15-server: 15.8');
  const pkg = journal.commandStarted(install, ['pkg', 'install', '-yU'], 1_760_000_001_000);
  journal.commandPid(pkg, 4712, 1_760_000_001_010);
  journal.commandFinished(pkg, 0, 'done\n', 1_760_000_002_000);
  journal.commandRan(install, ['zfs', 'list'], 0, 'zroot\n', 1_760_000_002_000, 1_760_000_002_050);
  journal.recordChanges(install, [
    { name: 'postgresql15-server', origin: 'databases/postgresql15-server', from: null, to: '15.8' },
  ]);
  journal.recordVerification(install, {
    tier: 'probe',
    subject: 'postgres --version',
    expected: '15\\.8',
    passed: true,
    output: 'postgres (PostgreSQL) 15.8\n',
  });
  journal.end(install, 'committed', { code: null, message: null, hint: null }, 1_760_000_003_000);
  journal.settle(install, 1_760_000_004_000);
  const rollback = '01K7A0000000000000000000A2';
  journal.begin({
    ...began,
    id: rollback,
    verb: 'rollback',
    arguments: [install],
    started: 1_760_000_010_000,
    restart: false,
    ran: true,
    target: install,
    snapshot: `jtx-${install}`,
    aside: `${began.dataset}.aside-${rollback}`,
    source: `${began.dataset}.aside-${install}`,
    before: null,
  });
  journal.setDependents(rollback, ['app', 'web']);
  journal.commandStarted(rollback, ['zfs', 'rollback', 'x'], 1_760_000_011_000);
  const reason = { code: 'busy', message: 'the dataset is busy', hint: 'jtx recover' };
  const gone = { snapshots: [install], asides: [rollback] };
  journal.endRollback(rollback, 1_760_000_012_000, [{ id: install, undone: true }], gone);
  journal.end(rollback, 'stuck', reason, 1_760_000_012_000);
  journal.backups.begin('01K7A0000000000000000000B1', 1_760_000_020_000);
  journal.backups.record('01K7A0000000000000000000B1', {
    jail: 'postgresql',
    target: 'disk2',
    state: 'sent',
    point: '01K7A0000000000000000000B1',
    bytes: 4096,
    message: null,
    at: 1_760_000_021_000,
  });
  journal.backups.end('01K7A0000000000000000000B1', 1_760_000_022_000);
  journal.backups.recordCheck({
    jail: 'postgresql',
    target: 'disk2',
    point: '01K7A0000000000000000000B1',
    state: 'proved',
    message: null,
    at: 1_760_000_023_000,
  });
  journal.backups.recordTurn({ jail: 'postgresql', target: 'disk2', at: 1_760_000_023_000 });
  journal.close();
}

const directory = 'test/fixtures/journal';
mkdirSync(directory, { recursive: true });
makeFixture(join(directory, `version-${migrations.length}.db`));
