import { JtxError, refused } from '../error.ts';
import type { Journal } from '../journal/journal.ts';
import { destroyTree } from '../zfs/clone.ts';
import { isNeeded } from '../zfs/destroy-snapshots.ts';
import { listAsides } from '../zfs/list-asides.ts';
import { splitSnapshot } from '../zfs/names.ts';
import { destroySnapshots } from '../zfs/snapshot.ts';
import type { TransactionRecord } from './record.ts';

/**
 * Destroys it, and the snapshot that it came from where that has nothing left to say: its transaction was undone,
 * or never committed. Both may be done twice.
 */
export async function destroyAside(
  record: TransactionRecord,
  journal: Journal,
  name: string,
  origin: string | undefined,
): Promise<void> {
  await destroyTree(record.run, name);
  if (origin === undefined) return;
  const { dataset, snapshot } = splitSnapshot(origin);
  if (!isSpent(journal, snapshot)) return;
  const stillNeeded = (await listAsides(record.run)).some((aside) => aside.origin === origin);
  if (!stillNeeded) await destroyUnlessNeeded(record, dataset, snapshot);
}

/** Requires that a drop has not begun to destroy a tree: it is no state any more. Throws `aside-dropping`. */
export function requireKept(journal: Journal, root: string, tree: string): void {
  const drop = journal.unsettledOf(root).find(({ verb, aside }) => verb === 'drop' && aside === tree);
  if (!drop) return;
  throw refused(
    'aside-dropping',
    `${tree} is being destroyed by ${drop.id}: ${drop.message ?? 'it was cut off'}`,
    'jtx recover goes on with it',
  );
}

/** What somebody else holds or has cloned stays: the tree is gone all the same. */
async function destroyUnlessNeeded(
  record: TransactionRecord,
  dataset: string,
  snapshot: string,
): Promise<void> {
  try {
    await destroySnapshots(record.run, dataset, snapshot);
  } catch (error) {
    if (!(error instanceof JtxError && isNeeded(error.message))) throw error;
  }
}

function isSpent(journal: Journal, snapshot: string): boolean {
  const [, id, rehearsal] = /^jtx-([0-9A-Z]{26})(-rehearsal)?$/.exec(snapshot) ?? [];
  if (id === undefined || rehearsal !== undefined) return id !== undefined;
  const row = journal.transaction(id);
  return row?.snapshot === snapshot && (row.state === 'rolled-back' || row.undoneBy !== null);
}
