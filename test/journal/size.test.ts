import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { committed, temporaryDirectory } from './sample.ts';

const count = 100_000;
let journal: Journal;

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
        datasets, before, plan, code, message, hint, CASE WHEN i > 60 THEN 'x' END, ran, aside, source, confirm_by
      FROM n, copy;
  `);
  database.close();
  journal = Journal.open(file);
  return () => journal.close();
});

const questions: [string, () => unknown][] = [
  ['history', () => journal.history({ limit: 20 })],
  ['history of a jail', () => journal.history({ jail: 'jail7', limit: 20 })],
  ['history of a jail without any', () => journal.history({ jail: 'nobody', limit: 20 })],
  ['unsettled', () => journal.unsettled()],
  ['unsettled of a root', () => journal.unsettledOf('/jails/jail7')],
  ['latest', () => journal.latest()],
  ['newest undoable of a root', () => journal.newestUndoable('/jails/jail7')],
  ['newest undoable of a jail', () => journal.newestUndoable('jail7')],
  ['by prefix', () => journal.transaction('01ARZ3NDEKTSV4RRFFQ605000')],
];

function millisecondsOf(ask: () => unknown): number {
  const began = performance.now();
  try {
    ask();
  } catch {
    // An ambiguous prefix is an answer too.
  }
  return performance.now() - began;
}

test.each(questions)('%s is instant among 100,000 transactions', (_, ask) => {
  // What else the machine does makes one slower, and nothing makes one faster.
  const taken = Array.from({ length: 3 }, () => millisecondsOf(ask));
  expect(Math.min(...taken)).toBeLessThan(50);
});

test('the answers are those of all 100,000', () => {
  expect(journal.history({ limit: 20 })[0]?.id).toBe('01ARZ3NDEKTSV4RRFFQ6099999');
  expect(journal.latest()).toHaveLength(51);
  expect(journal.newestUndoable('jail7')?.id).toBe('01ARZ3NDEKTSV4RRFFQ6000057');
});

test('a transaction is begun and ended as fast as in an empty journal', () => {
  const began = performance.now();
  for (let done = 0; done < 20; done += 1) committed(journal);
  expect((performance.now() - began) / 20).toBeLessThan(50);
});
