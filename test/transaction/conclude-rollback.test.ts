import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { concludeRollback } from '../../src/transaction/conclude-rollback.ts';
import { committed, newTransaction, temporaryDirectory } from '../journal/sample.ts';

const root = '/jails/web';
const ids = [0, 1, 2, 3, 4, 5, 6].map((at) => `01K7A0000000000000000000A${at}`);
const [, first = '', second = '', third = '', fourth = '', fifth = '', sixth = ''] = ids;

function fresh(): { journal: Journal; file: string } {
  const file = join(temporaryDirectory(), 'journal.db');
  return { journal: Journal.open(file), file };
}

/** A rollback that is done, but for its end. */
function goBack(journal: Journal, id: string, target: string): void {
  journal.begin(newTransaction({ id, verb: 'rollback', target }));
  journal.enter(id, 'revert');
  concludeRollback(journal, id, root, 1_760_000_009_000);
}

/** By which rollback each transaction of the root is undone. */
function undone(journal: Journal): Record<string, string> {
  const rows = journal.history({ limit: 20 }).filter((row) => row.undoneBy !== null);
  return Object.fromEntries(rows.map((row) => [row.id, row.undoneBy ?? '']));
}

test('a rollback is committed together with what it undid, and is still to be settled', () => {
  const { journal, file } = fresh();
  for (const id of [first, second]) committed(journal, { id });
  goBack(journal, third, second);
  journal.close();
  // It is durable.
  const again = Journal.open(file);
  expect(again.transaction(third)).toMatchObject({
    state: 'committed',
    code: null,
    ended: 1_760_000_009_000,
    settled: false,
  });
  expect(again.steps(third)).toMatchObject([{ name: 'revert', outcome: 'committed' }]);
  expect(undone(again)).toEqual({ [second]: third });
  expect(again.newestUndoable(root)?.id).toBe(first);
  again.close();
});

test('going back to an older one undoes what came after it too', () => {
  const { journal } = fresh();
  for (const id of [first, second, third]) committed(journal, { id });
  goBack(journal, fourth, second);
  expect(undone(journal)).toEqual({ [second]: fourth, [third]: fourth });
  journal.close();
});

test('undoing a rollback brings back what it undid, and what was undone before stays undone', () => {
  const { journal } = fresh();
  committed(journal, { id: first });
  goBack(journal, second, first);
  committed(journal, { id: third });
  goBack(journal, fourth, third);
  expect(undone(journal)).toEqual({ [first]: second, [third]: fourth });
  goBack(journal, fifth, fourth);
  expect(undone(journal)).toEqual({ [first]: second, [fourth]: fifth });
  goBack(journal, sixth, second);
  expect(undone(journal)).toEqual({ [second]: sixth, [third]: sixth, [fourth]: fifth, [fifth]: sixth });
  expect(journal.newestUndoable(root)?.id).toBe(first);
  journal.close();
});

test('what did not commit, what was destroyed and other jails are left alone', () => {
  const { journal } = fresh();
  committed(journal, { id: first });
  committed(journal, { id: second, root: '/jails/other', jail: 'other' });
  const reason = { code: 'x', message: null, hint: null };
  journal.begin(newTransaction({ id: third }));
  journal.end(third, 'rolled-back', reason, 1);
  journal.begin(newTransaction({ id: fourth, verb: 'drop' }));
  journal.end(fourth, 'committed', reason, 1);
  journal.begin(newTransaction({ id: fifth, verb: 'rollback', target: first }));
  journal.end(fifth, 'stuck', reason, 1);
  goBack(journal, sixth, first);
  expect(undone(journal)).toEqual({ [first]: sixth });
  expect(journal.transaction(fifth)?.state).toBe('stuck');
  journal.close();
});

test('concluding one twice, as recovery may, changes nothing more', () => {
  const { journal } = fresh();
  for (const id of [first, second]) committed(journal, { id });
  goBack(journal, third, second);
  const once = journal.history({ limit: 20 });
  concludeRollback(journal, third, root, 1_760_000_009_000);
  expect(journal.history({ limit: 20 })).toEqual(once);
  journal.close();
});

test('one that the journal does not know is not claimed, and nothing is undone', () => {
  const { journal } = fresh();
  committed(journal, { id: first });
  expect(() => concludeRollback(journal, second, root, 1)).toThrow('no transaction');
  expect(undone(journal)).toEqual({});
  journal.close();
});

/** What the journal says that jtx let go. */
function gone(journal: Journal): { snapshots: string[]; asides: string[] } {
  const rows = journal.history({ limit: 20 });
  return {
    snapshots: rows.filter((row) => row.snapshotGone !== null).map(({ id }) => id),
    asides: rows.filter((row) => row.asideGone !== null).map(({ id }) => id),
  };
}

test('in place the snapshots of what it undoes go, and are not counted on should a backup bring that back', () => {
  const { journal } = fresh();
  for (const id of [first, second, third]) committed(journal, { id });
  goBack(journal, fourth, second);
  expect(gone(journal)).toEqual({ snapshots: [third, second], asides: [] });
  journal.close();
});

test('what is set aside keeps them', () => {
  const { journal } = fresh();
  for (const id of [first, second]) committed(journal, { id });
  const aside = `zroot/jails/web.aside-${third}`;
  journal.begin(newTransaction({ id: third, verb: 'rollback', target: second }));
  journal.setAside(third, aside);
  concludeRollback(journal, third, root, 1);
  expect(gone(journal)).toEqual({ snapshots: [], asides: [] });
  journal.close();
});

test('what was set aside and is brought back whole is set aside no more; what only gave a snapshot is', () => {
  const { journal } = fresh();
  committed(journal, { id: first });
  const aside = (id: string): string => `zroot/jails/web.aside-${id}`;
  const back = (id: string, target: string, source: string, snapshot?: string): void => {
    const { snapshot: _, ...row } = newTransaction({ id, verb: 'rollback', target });
    journal.begin({ ...row, aside: aside(id), source, ...(snapshot === undefined ? {} : { snapshot }) });
    concludeRollback(journal, id, root, 1);
  };
  back(second, first, aside(first), `jtx-${first}`);
  expect(gone(journal).asides).toEqual([]);
  back(third, second, aside(second));
  expect(gone(journal)).toEqual({ snapshots: [], asides: [second] });
  // What was restored is of no transaction.
  back(fourth, third, aside('01K7A0000000000000000000B1'));
  expect(gone(journal).asides).toEqual([second]);
  journal.close();
});
