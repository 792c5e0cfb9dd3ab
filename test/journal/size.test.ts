import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, expect, test, vi } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { Statements } from '../../src/journal/statements.ts';
import { committed, temporaryDirectory } from './sample.ts';

const count = 100_000;
let journal: Journal;
let planner: Database.Database;

beforeAll(() => {
  const file = join(temporaryDirectory(), 'journal.db');
  const first = Journal.open(file);
  committed(first, { id: '01ARZ3NDEKTSV4RRFFQ6000000' });
  first.close();
  const database = new Database(file);
  // Copies of the first, over 50 jails; the ids stay in order.
  database.exec(`
    CREATE TEMP TABLE copy AS SELECT * FROM transactions;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})
    INSERT INTO transactions
      SELECT '01ARZ3NDEKTSV4RRFFQ6' || printf('%06d', i), 'jail' || (i % 50), '/jails/jail' || (i % 50), dataset,
        verb, arguments, pid, version, state, started + i, ended, settled, settled_at, restart, target, snapshot,
        datasets, before, plan, code, message, hint, CASE WHEN i > 60 THEN 'x' END, ran, aside, source, confirm_by,
        snapshot_gone, aside_gone, dependents
      FROM n, copy;
  `);
  planner = database;
  journal = Journal.open(file);
  return () => {
    journal.close();
    planner.close();
  };
});

// What is asked, and the one index by which it is found.
const questions: [what: string, index: string, ask: () => unknown][] = [
  ['history', 'sqlite_autoindex_transactions_1', () => journal.history({ limit: 20 })],
  ['history of a jail', 'transactions_of_jail', () => journal.history({ jail: 'jail7', limit: 20 })],
  [
    'history of a jail without any',
    'transactions_of_jail',
    () => journal.history({ jail: 'nobody', limit: 20 }),
  ],
  ['unsettled', 'transactions_unsettled', () => journal.unsettled()],
  ['unsettled of a root', 'transactions_unsettled', () => journal.unsettledOf('/jails/jail7')],
  ['on trial', 'transactions_on_trial', () => journal.trials()],
  ['on trial in a root', 'transactions_on_trial', () => journal.trials('/jails/jail7')],
  ['newest of a root', 'transactions_of_root', () => journal.newest('/jails/jail7')],
  ['newest of a root without any', 'transactions_of_root', () => journal.newest('/jails/none')],
  ['events of a root', 'transactions_of_root', () => journal.events('/jails/web')],
  [
    'periods of a root',
    'transactions_of_root',
    () => journal.periods('/jails/jail7', '01ARZ3NDEKTSV4RRFFQ6099000'),
  ],
  ['committed of a jail', 'transactions_of_jail', () => journal.committed('web')],
  ['latest', 'transactions_of_jail', () => journal.latest()],
  ['newest undoable of a root', 'transactions_undoable_root', () => journal.newestUndoable('/jails/jail7')],
  ['newest undoable of a jail', 'transactions_undoable_jail', () => journal.newestUndoable('jail7')],
  ['by prefix', 'sqlite_autoindex_transactions_1', () => journal.transaction('01ARZ3NDEKTSV4RRFFQ605000')],
];

function answer(ask: () => unknown): void {
  try {
    ask();
  } catch {
    // An ambiguous prefix is an answer too.
  }
}

function millisecondsOf(ask: () => unknown): number {
  const began = performance.now();
  answer(ask);
  return performance.now() - began;
}

test.each(questions)('%s is instant among 100,000 transactions', (_, _index, ask) => {
  // What else the machine does makes one slower, and nothing makes one faster.
  const taken = Array.from({ length: 3 }, () => millisecondsOf(ask));
  expect(Math.min(...taken)).toBeLessThan(50);
});

/** How SQLite finds the transactions that a question is about. */
function plansOf(ask: () => unknown): string[] {
  const read = vi.spyOn(Statements.prototype, 'read');
  answer(ask);
  const asked = read.mock.calls;
  read.mockRestore();
  return (
    asked
      .flatMap(([sql, bound = {}]) => planner.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(bound))
      .flatMap((row) =>
        Object.entries(row ?? {}).flatMap(([key, value]) => (key === 'detail' ? [`${value}`] : [])),
      )
      .filter((detail) => /\btransactions\b/.test(detail))
      // One row by its id.
      .filter((detail) => !detail.endsWith('(id=?)'))
  );
}

test.each(questions)('%s is found by %s', (_, index, ask) => {
  const plans = plansOf(ask);
  expect(plans).not.toEqual([]);
  for (const plan of plans) {
    expect(plan).toContain(index);
    // Those of a jail or a root hold all transactions: they are searched, the others are short or read up to a limit.
    if (/_of_/.test(index)) expect(plan).toMatch(/^SEARCH/);
  }
});

test('the answers are those of all 100,000', () => {
  expect(journal.history({ limit: 20 })[0]?.id).toBe('01ARZ3NDEKTSV4RRFFQ6099999');
  expect(journal.latest()).toHaveLength(51);
  expect(journal.newestUndoable('jail7')?.id).toBe('01ARZ3NDEKTSV4RRFFQ6000057');
});

test('a transaction is begun and ended as fast as in an empty journal', () => {
  const taken = Array.from({ length: 20 }, () => millisecondsOf(() => committed(journal)));
  expect(Math.min(...taken)).toBeLessThan(50);
});
