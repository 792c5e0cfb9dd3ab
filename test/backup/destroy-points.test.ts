import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { destroyPoints, type PrunedJail } from '../../src/backup/prune-here.ts';
import { JtxError } from '../../src/error.ts';
import { Journal } from '../../src/journal/journal.ts';
import type { Context } from '../../src/transaction/context.ts';
import { silent } from '../../src/transaction/progress.ts';
import { destroySeveral } from '../../src/zfs/destroy-snapshots.ts';
import { committed, temporaryDirectory } from '../journal/sample.ts';
import { stored } from './stored.ts';

vi.mock('../../src/zfs/destroy-snapshots.ts');
const destroy = vi.mocked(destroySeveral);

const ids = [1, 2, 3].map((at) => `01K7A0000000000000000000A${at}`);
const [first = '', second = '', third = ''] = ids;
const tree = ['zroot/jails/web', 'zroot/jails/web/www'].map((name) => stored([], { name }));
const state: PrunedJail['state'] = {
  root: '/jails/web',
  tree,
  own: new Set(tree.map(({ name }) => name)),
  bases: [],
  isOthers: () => false,
  targets: [],
  known: () => undefined,
  committed: [],
};

let journal: Journal;
beforeEach(() => {
  journal = Journal.open(join(temporaryDirectory(), 'journal.db'));
  for (const id of [first, second]) committed(journal, { id });
  destroy.mockReset().mockResolvedValue(new Map());
});
afterEach(() => journal.close());

/** Destroys the snapshots of these names after the jail's dataset, each a point of its own. */
async function prune(names: readonly string[], over: Partial<Context> = {}): Promise<string[]> {
  const context = { journal, progress: silent, interrupt: new AbortController().signal, ...over };
  const points = names.map((name) => ({ snapshots: [`zroot/jails/web${name}`] }));
  const kept = await destroyPoints(context, { modern: true }, { name: 'web', state }, points);
  return [...kept.keys()];
}

function gone(): string[] {
  return journal
    .history({ limit: 9 })
    .filter((row) => row.snapshotGone !== null)
    .map(({ id }) => id);
}

test('the journal knows which snapshots of the jail itself went; backups, and what it does not know, are no matter', async () => {
  const names = [
    `@jtx-${first}`,
    `/www@jtx-${first}`,
    `/www@jtx-${second}`,
    `@jtx-${third}`,
    '@jtx-backup-x',
  ];
  expect(await prune(names)).toEqual([]);
  expect(gone()).toEqual([first]);
});

test('it knows before they go: what is cut off then is missed by nobody', async () => {
  destroy.mockImplementation(async () => {
    expect(gone()).toEqual([second, first]);
    return new Map();
  });
  await prune([`@jtx-${first}`, `@jtx-${second}`]);
  expect(destroy).toHaveBeenCalledTimes(2);
});

test('what others need stays, and the journal says so', async () => {
  destroy.mockResolvedValueOnce(new Map([[`jtx-${second}`, 'dataset is busy']]));
  expect(await prune([`@jtx-${first}`, `@jtx-${second}`])).toEqual([`zroot/jails/web@jtx-${second}`]);
  expect(gone()).toEqual([first]);
});

test('one that is interrupted destroys nothing more, and says so of nothing', async () => {
  await prune([`@jtx-${first}`], { interrupt: AbortSignal.abort(15) });
  expect(gone()).toEqual([]);
  expect(destroy).not.toHaveBeenCalled();
});

test('a journal that cannot be written does not stop it, and that is told', async () => {
  const notes: string[] = [];
  const full = new JtxError({ code: 'journal-unwritable', outcome: 'refused', message: 'the disk is full' });
  vi.spyOn(journal, 'recordGone').mockImplementation(() => {
    throw full;
  });
  expect(
    await prune([`@jtx-${first}`], { progress: { ...silent, note: (text) => notes.push(text) } }),
  ).toEqual([]);
  expect(destroy).toHaveBeenCalledTimes(2);
  expect(notes).toEqual(['the disk is full: jtx doctor will miss the snapshots that go now']);
});
