import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { rowsFromSnapshots } from '../../src/journal/rebuild.ts';
import type { Snapshot } from '../../src/zfs/snapshot.ts';
import { temporaryDirectory } from './sample.ts';

const tx = '01ARZ3NDEKTSV4RRFFQ69G5FA1';
const older = '01ARZ3NDEKTSV4RRFFQ69G5FA0';

function snapshot(dataset: string, id: string, over: Record<string, string> = {}): Snapshot {
  const started = '2025-10-09T08:53:20.000Z';
  const own = { tx: id, jail: 'db', verb: 'install', state: 'open', started, packages: 'a b', ...over };
  return { name: `${dataset}@jtx-${id}`, guid: '42', own, held: true };
}

const tree = [
  { name: 'z/db', mountpoint: '/jails/db', mounted: true, reverted: true },
  { name: 'z/db/data', mountpoint: '/jails/db/data', mounted: true, reverted: false },
];

test('one transaction of a tree of snapshots; the state is that of the top', () => {
  const snapshots = [snapshot('z/db/data', tx), snapshot('z/db', tx, { state: 'committed' })];
  const [row, ...more] = rowsFromSnapshots(snapshots, tree);
  expect(more).toEqual([]);
  expect(row).toMatchObject({
    id: tx,
    jail: 'db',
    root: '/jails/db',
    dataset: 'z/db',
    verb: 'install',
    arguments: ['a', 'b'],
    started: 1_760_000_000_000,
    snapshot: `jtx-${tx}`,
    state: 'committed',
    ran: false,
    datasets: tree,
  });
  expect(row?.snapshots.map(({ name }) => name)).toEqual([`z/db@jtx-${tx}`, `z/db/data@jtx-${tx}`]);
});

test('a child of which nothing is known is never reverted', () => {
  const [row] = rowsFromSnapshots([snapshot('z/db', tx), snapshot('z/db/data', tx)]);
  expect(row?.root).toBe('');
  expect(row?.datasets.map(({ reverted }) => reverted)).toEqual([true, false]);
});

test.each([
  ['without properties', { name: `z/db@jtx-${tx}`, guid: '1', own: {} }],
  ['with an id that is none', snapshot('z/db', 'x; rm')],
  ['with an unknown verb', snapshot('z/db', tx, { verb: 'conquer' })],
])('a snapshot %s is nobody’s transaction', (_, strange) => {
  expect(rowsFromSnapshots([strange])).toEqual([]);
});

test('what is left on a child of a transaction that ended long ago is none that is under way', () => {
  const { held: _, ...left } = snapshot('z/db/data', tx);
  expect(rowsFromSnapshots([left], tree)).toEqual([]);
});

test('strange properties: no time, no packages, another state', () => {
  const [row] = rowsFromSnapshots([snapshot('z/db', tx, { started: '?', packages: '-', state: 'odd' })]);
  expect(row).toMatchObject({ arguments: [], state: 'stuck', ran: true });
  expect(new Date(row?.started ?? 0).getUTCFullYear()).toBe(2016);
});

test.each(['refused', 'unchanged', 'rolled-back'] as const)(
  'what ended as %s is nothing to put right',
  (state) => {
    const [row] = rowsFromSnapshots([snapshot('z/db', tx, { state })], tree);
    expect(row).toMatchObject({ state, settled: true, ran: false });
  },
);

test('a restored journal can be read, undone and recovered; what it knew already stays', () => {
  const journal = Journal.open(join(temporaryDirectory(), 'journal.db'));
  const snapshots = [snapshot('z/db', tx), snapshot('z/db', older, { state: 'committed' })];
  const rows = rowsFromSnapshots(snapshots, tree);
  expect(rows.map(({ id }) => id)).toEqual([older, tx]);
  expect(journal.restore(rows)).toBe(2);
  expect(journal.newestUndoable('/jails/db')?.id).toBe(older);
  expect(journal.unsettled().map(({ id }) => id)).toEqual([tx]);
  expect(journal.snapshots(tx)).toHaveLength(1);
  journal.end(tx, 'rolled-back', { code: null, message: null, hint: null }, 1);
  expect(journal.restore(rows)).toBe(0);
  expect(journal.transaction(tx)?.state).toBe('rolled-back');
  journal.close();
});
