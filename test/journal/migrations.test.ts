import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { temporaryDirectory } from './sample.ts';

const install = '01K7A0000000000000000000A1';
const rollback = '01K7A0000000000000000000A2';

test.each([
  [1, 'writing', Journal.open],
  [1, 'reading', Journal.openForReading],
  [2, 'writing', Journal.open],
  [2, 'reading', Journal.openForReading],
  [3, 'writing', Journal.open],
  [3, 'reading', Journal.openForReading],
  [4, 'writing', Journal.open],
  [4, 'reading', Journal.openForReading],
  [5, 'writing', Journal.open],
  [5, 'reading', Journal.openForReading],
  [6, 'writing', Journal.open],
  [6, 'reading', Journal.openForReading],
])('everything in a journal of version %i is read when opened for %s', (version, _, open) => {
  const file = join(temporaryDirectory(), 'journal.db');
  copyFileSync(`test/fixtures/journal/version-${version}.db`, file);
  const journal = open(file);
  if (!journal) throw new Error('there is no journal');
  expect(journal.history({ limit: 9 }).map((row) => row.id)).toEqual([rollback, install]);
  expect(journal.transaction(install)).toEqual({
    id: install,
    jail: 'postgresql',
    root: '/jails/postgresql',
    dataset: 'zroot/jails/postgresql',
    verb: 'install',
    arguments: ['postgresql15-server'],
    pid: 4711,
    version: '0.1.0',
    state: 'committed',
    started: 1_760_000_000_000,
    ended: 1_760_000_003_000,
    settled: true,
    settledAt: 1_760_000_004_000,
    restart: true,
    dependents: [],
    target: null,
    snapshot: `jtx-${install}`,
    datasets: [
      { name: 'zroot/jails/postgresql', mountpoint: '/jails/postgresql', mounted: true, reverted: true },
      {
        name: 'zroot/jails/postgresql/data',
        mountpoint: '/jails/postgresql/var/db/postgres',
        mounted: true,
        reverted: false,
      },
    ],
    before: 'f00d',
    plan: 'New packages to be INSTALLED:\n\tpostgresql15-server: 15.8',
    code: null,
    message: null,
    hint: null,
    undoneBy: rollback,
    ran: true,
    aside: null,
    source: null,
    confirmBy: null,
    snapshotGone: version < 4 ? null : 1_760_000_012_000,
    asideGone: null,
  });
  const beside = 'zroot/jails/postgresql.aside-';
  expect(journal.transaction(rollback)).toMatchObject(
    version === 1
      ? { ran: false, aside: null, source: null }
      : { ran: true, aside: beside + rollback, source: beside + install },
  );
  expect(journal.transaction(rollback)?.asideGone).toBe(version < 4 ? null : 1_760_000_012_000);
  expect(journal.steps(install)).toMatchObject([
    { name: 'snapshot' },
    { name: 'apply', outcome: 'committed' },
  ]);
  expect(journal.commands(install)).toMatchObject([
    { command: ['pkg', 'install', '-yU'], changes: true, pid: 4712, status: 0, output: 'done\n' },
    { command: ['zfs', 'list'], changes: false, pid: null, status: 0, output: 'zroot\n' },
  ]);
  expect(journal.changes(install)).toEqual([
    { name: 'postgresql15-server', origin: 'databases/postgresql15-server', from: null, to: '15.8' },
  ]);
  expect(journal.verifications(install)).toMatchObject([{ tier: 'probe', expected: '15\\.8', passed: true }]);
  expect(journal.snapshots(install)).toMatchObject([{ guid: '1234567890123456789' }]);
  expect(journal.unsettled()).toMatchObject([
    {
      ...{ id: rollback, state: 'stuck', target: install, code: 'busy', hint: 'jtx recover' },
      dependents: version < 6 ? [] : ['app', 'web'],
    },
  ]);
  expect(journal.inFlight(rollback)).toMatchObject([{ command: ['zfs', 'rollback', 'x'], status: null }]);
  expect(journal.newestUndoable('postgresql')).toBeUndefined();
  const backup = { jail: 'postgresql', target: 'disk2', point: '01K7A0000000000000000000B1' };
  expect(journal.backups.standings()).toMatchObject(
    version < 3 ? [] : [{ ...backup, good: 1_760_000_021_000, check: { state: 'proved' } }],
  );
  // Who had a proof before turns were written down is not first again.
  expect(journal.backups.turns()).toEqual(
    version < 3 ? [] : [{ jail: 'postgresql', target: 'disk2', at: 1_760_000_023_000 }],
  );
  journal.close();
});

test('what was dropped, or brought back whole, before version 4 is noted as gone', () => {
  const file = join(temporaryDirectory(), 'journal.db');
  copyFileSync('test/fixtures/journal/version-3.db', file);
  const database = new Database(file);
  const beside = 'zroot/jails/postgresql.aside-';
  const columns = database.prepare("SELECT name FROM pragma_table_info('transactions')").pluck().all();
  const changed = ['id', 'verb', 'state', 'snapshot', 'aside', 'source', 'ended'];
  const kept = columns.map(String).filter((name) => !changed.includes(name));
  const insert = database.prepare(`INSERT INTO transactions (${[...changed, ...kept].join(', ')})
    SELECT ?, ?, ?, ?, ?, ?, ?, ${kept.join(', ')} FROM transactions WHERE id = '${rollback}'`);
  const add = (
    at: number,
    verb: string,
    state: string,
    snapshot: string | null,
    aside: number,
    source?: number,
  ) =>
    insert.run(
      `T${at}`,
      verb,
      state,
      snapshot,
      `${beside}T${aside}`,
      source ? `${beside}T${source}` : null,
      at,
    );
  add(1, 'install', 'rolled-back', 's', 1);
  add(2, 'upgrade', 'rolled-back', 's', 2);
  add(3, 'rollback', 'committed', null, 3, 2);
  add(4, 'rollback', 'committed', 's', 4, 3);
  add(5, 'drop', 'committed', null, 1);
  add(6, 'drop', 'stuck', null, 4);
  database.close();
  const journal = Journal.open(file);
  const gone = ['T1', 'T2', 'T3', 'T4', 'T5', 'T6'].map((id) => journal.transaction(id)?.asideGone);
  expect(gone).toEqual([5, 3, null, null, null, null]);
  journal.close();
});
