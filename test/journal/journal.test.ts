import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { committed, newTransaction, temporaryDirectory } from './sample.ts';

function fresh(): Journal {
  return Journal.open(join(temporaryDirectory(), 'db', 'journal.db'));
}

const nothing = { code: null, message: null, hint: null };

test('only its owner can read the journal', () => {
  const directory = join(temporaryDirectory(), 'a', 'db');
  const file = join(directory, 'journal.db');
  const journal = Journal.open(file);
  journal.begin(newTransaction());
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600);
  journal.close();
});

test('a transaction is read back as it was written', () => {
  const journal = fresh();
  const row = newTransaction({ verb: 'rollback', target: '01ARZ3NDEKTSV4RRFFQ69G5FAV', restart: true });
  journal.begin(row);
  expect(journal.transaction(row.id)).toMatchObject({ ...row, state: 'open', settled: false, ended: null });
  journal.setBefore(row.id, 'other');
  journal.recordPlan(row.id, 'New packages: nginx');
  journal.end(row.id, 'stuck', { code: 'busy', message: 'why', hint: 'how' }, 7);
  const ended = { state: 'stuck', code: 'busy', message: 'why', hint: 'how', ended: 7, settled: false };
  expect(journal.transaction(row.id)).toMatchObject({
    ...ended,
    before: 'other',
    plan: 'New packages: nginx',
  });
  journal.settle(row.id, 8);
  expect(journal.transaction(row.id)).toMatchObject({ settled: true, settledAt: 8 });
  journal.close();
});

test('a transaction was last at work when its last step or command was, not when it was found to be stuck', () => {
  const journal = fresh();
  const row = newTransaction();
  journal.begin(row);
  expect(journal.lastOf(row.id)).toBe(row.started);
  journal.enter(row.id, 'apply');
  const entered = journal.steps(row.id)[0]?.started ?? 0;
  expect(journal.lastOf(row.id)).toBe(entered);
  const command = journal.commandStarted(row.id, ['pkg'], entered + 1);
  expect(journal.lastOf(row.id)).toBe(entered + 1);
  journal.commandPid(command, 7, entered + 2);
  expect(journal.lastOf(row.id)).toBe(entered + 2);
  journal.commandFinished(command, 0, '', entered + 3);
  journal.end(row.id, 'stuck', nothing, entered + 9);
  expect(journal.lastOf(row.id)).toBe(entered + 3);
  journal.close();
});

test('entering a step ends the one before, and the outcome ends the last', () => {
  const journal = fresh();
  const { id } = newTransaction();
  journal.begin(newTransaction({ id }));
  journal.enter(id, 'snapshot');
  journal.enter(id, 'apply');
  const [first, second] = journal.steps(id);
  expect(first).toMatchObject({ name: 'snapshot', outcome: null });
  expect(first?.finished).toBe(second?.started);
  expect(second).toMatchObject({ name: 'apply', finished: null });
  journal.remark(id, 'one');
  journal.remark(id, 'two');
  journal.enter(id, 'verify');
  expect(journal.steps(id)).toMatchObject([{ outcome: null }, { outcome: 'one; two' }, { outcome: null }]);
  journal.end(id, 'committed', nothing, 99);
  expect(journal.steps(id)[2]).toMatchObject({ name: 'verify', outcome: 'committed', finished: 99 });
  journal.close();
});

test('what was said of the last step stays', () => {
  const journal = fresh();
  const { id } = newTransaction();
  journal.begin(newTransaction({ id }));
  journal.remark(id, 'no step is under way');
  journal.enter(id, 'rehearse');
  journal.remark(id, 'this');
  journal.end(id, 'unchanged', nothing, 99);
  journal.remark(id, 'it has ended');
  expect(journal.steps(id)).toMatchObject([{ outcome: 'this', finished: 99 }]);
  journal.close();
});

test('a command is in flight from its start to its end', () => {
  const journal = fresh();
  const { id } = newTransaction();
  journal.begin(newTransaction({ id }));
  journal.commandRan(id, ['zfs', 'list'], 0, 'x', 1, 2);
  const row = journal.commandStarted(id, ['pkg', 'install', '-y', '--', 'a b'], 3);
  journal.commandPid(row, 77, 4);
  expect(journal.inFlight(id)).toEqual([
    expect.objectContaining({ command: ['pkg', 'install', '-y', '--', 'a b'], pid: 77, pidStarted: 4 }),
  ]);
  journal.commandFinished(row, 70, `${'é'.repeat(40_000)}end`, 5);
  journal.commandRan(id, ['zfs', 'get'], 1, '', 6, 7);
  expect(journal.inFlight(id)).toEqual([]);
  const [looked, changed, last] = journal.commands(id);
  expect(looked).toMatchObject({ command: ['zfs', 'list'], changes: false, status: 0, output: 'x' });
  expect(changed).toMatchObject({ changes: true, status: 70, finished: 5 });
  expect(changed?.output?.endsWith('ééend')).toBe(true);
  expect(changed?.output).not.toContain('\ufffd');
  expect(Buffer.byteLength(changed?.output ?? '')).toBeLessThanOrEqual(64 * 1024);
  expect(last).toMatchObject({ command: ['zfs', 'get'], status: 1 });
  journal.close();
});

test('changes, verifications and snapshots are kept', () => {
  const journal = fresh();
  const { id } = newTransaction();
  journal.begin(newTransaction({ id }));
  const changes = [
    { name: 'nginx', origin: 'www/nginx', from: null, to: '1.26.0' },
    { name: 'old', origin: 'www/old', from: '1', to: null },
  ];
  const check = { tier: 'probe', subject: 'nginx -v', expected: null, passed: false, output: 'no' } as const;
  const snapshot = {
    dataset: 'zroot/jails/web',
    name: `zroot/jails/web@jtx-${id}`,
    guid: '12345678901234567890',
  };
  journal.recordChanges(id, changes);
  journal.recordVerification(id, check);
  journal.recordSnapshots(id, [snapshot]);
  journal.recordSnapshots(id, [snapshot]);
  expect(journal.changes(id)).toEqual(changes);
  expect(journal.verifications(id)).toEqual([check]);
  expect(journal.snapshots(id)).toEqual([snapshot]);
  journal.close();
});

test('a transaction is found by a unique beginning of its id', () => {
  const journal = fresh();
  const one = committed(journal, { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' });
  committed(journal, { id: '01ARZ4NDEKTSV4RRFFQ69G5FAV' });
  expect(journal.transaction('01ARZ3')?.id).toBe(one);
  expect(journal.transaction('01arz3ndek')?.id).toBe(one);
  expect(journal.transaction('01A')).toBeUndefined();
  expect(journal.transaction('01AR9')).toBeUndefined();
  expect(() => journal.transaction('01ARZ')).toThrow(
    expect.objectContaining({ code: 'transaction-ambiguous', outcome: 'usage' }),
  );
  journal.close();
});

test('history, the newest of each jail, what is unsettled and what can be undone', () => {
  const journal = fresh();
  const a = committed(journal, { id: '01ARZ3NDEKTSV4RRFFQ69G5FA0' });
  const b = committed(journal, { id: '01ARZ3NDEKTSV4RRFFQ69G5FA1', jail: 'db', root: '/jails/db' });
  const c = committed(journal, { id: '01ARZ3NDEKTSV4RRFFQ69G5FA2' });
  const d = newTransaction({ id: '01ARZ3NDEKTSV4RRFFQ69G5FA3', verb: 'rollback', target: c });
  journal.begin(d);
  const ids = (rows: { id: string }[]): string[] => rows.map((row) => row.id);
  expect(ids(journal.history({ limit: 10 }))).toEqual([d.id, c, b, a]);
  expect(ids(journal.history({ limit: 1 }))).toEqual([d.id]);
  expect(ids(journal.history({ limit: 10, jail: 'web' }))).toEqual([d.id, c, a]);
  expect(ids(journal.latest())).toEqual([b, d.id]);
  expect(ids(journal.unsettled())).toEqual([d.id]);
  expect(ids(journal.unsettledOf('/jails/db'))).toEqual([]);
  expect(journal.newestUndoable('/jails/web')?.id).toBe(c);
  journal.endRollback(d.id, 1, [{ id: c, undone: true }], { snapshots: [], asides: [] });
  expect(ids(journal.unsettledOf('/jails/web'))).toEqual([d.id]);
  expect(journal.events('/jails/web')).toEqual([
    { id: a, verb: 'install', state: 'committed', target: null, undoneBy: null },
    { id: c, verb: 'install', state: 'committed', target: null, undoneBy: d.id },
    { id: d.id, verb: 'rollback', state: 'committed', target: c, undoneBy: null },
  ]);
  journal.settle(d.id, 2);
  expect(journal.unsettled()).toEqual([]);
  expect(journal.newestUndoable('web')?.id).toBe(a);
  expect(journal.transaction(c)?.undoneBy).toBe(d.id);
  journal.close();
});

test('an outcome of a transaction that the journal does not hold is not taken', () => {
  const journal = fresh();
  expect(() => journal.end('01ARZ3NDEKTSV4RRFFQ69G5FA0', 'committed', nothing, 1)).toThrow('no transaction');
  journal.close();
});

test('what jtx lets go is noted, and what stayed after all; of what it does not know there is nothing to note', () => {
  const journal = fresh();
  const [one, two] = [committed(journal), committed(journal)];
  const gone = (id: string): unknown[] => {
    const row = journal.transaction(id);
    return [row?.snapshotGone, row?.asideGone];
  };
  journal.recordGone({ snapshots: [one, two, 'unknown'], asides: [two] }, 7);
  expect([gone(one), gone(two)]).toEqual([
    [7, null],
    [7, 7],
  ]);
  journal.recordGone({ snapshots: [two], asides: [] }, null);
  expect([gone(one), gone(two)]).toEqual([
    [7, null],
    [null, 7],
  ]);
  // What can be gone back to is another question: who asks for the newest is not to lose an older one.
  expect(journal.newestUndoable('web')?.snapshot).toBe(`jtx-${[one, two].toSorted()[1]}`);
  journal.close();
});

test('the transactions that changed a jail are the committed ones, oldest first', () => {
  const journal = fresh();
  const [one, two] = [committed(journal), committed(journal, { verb: 'rollback' })];
  committed(journal, { verb: 'drop' });
  committed(journal, { jail: 'db' });
  const failed = newTransaction();
  journal.begin(failed);
  expect(journal.committed('web')).toEqual([one, two].toSorted());
  journal.end(failed.id, 'rolled-back', nothing, 1);
  expect(journal.committed('web')).toEqual([one, two].toSorted());
  journal.close();
});
