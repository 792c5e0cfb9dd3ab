import { JtxError, refused } from '../error.ts';
import type { Run } from '../host/run.ts';
import type { Journal } from '../journal/journal.ts';
import { destroyTree } from '../zfs/clone.ts';
import { isNeeded } from '../zfs/destroy-snapshots.ts';
import { exists } from '../zfs/exists.ts';
import { listAsides } from '../zfs/list-asides.ts';
import { idPattern, splitAside, splitSnapshot, transactionOfSnapshot } from '../zfs/names.ts';
import { listPoints } from '../zfs/newer.ts';
import { destroySnapshots } from '../zfs/snapshot.ts';
import type { TransactionRecord } from './record.ts';

/** A transaction's hand on the host and on the journal. */
type Hand = Pick<TransactionRecord, 'run' | 'write'>;

/**
 * Destroys it, and the snapshot that it came from where that has nothing left to say: its transaction was undone,
 * or never committed. Both may be done twice. The journal knows it before: what has begun to go is no state any more.
 */
export async function destroyAside(
  record: Hand,
  journal: Journal,
  name: string,
  origin: string | undefined,
): Promise<void> {
  const transaction = splitAside(name)?.transaction;
  const asides = transaction === undefined ? [] : [transaction];
  const snapshots = await transactionsIn(record.run, name);
  record.write((one) => one.recordGone({ snapshots, asides }, Date.now()));
  await destroyTree(record.run, name);
  if (origin === undefined) return;
  const { dataset, snapshot } = splitSnapshot(origin);
  if (!isSpent(journal, snapshot)) return;
  const stillNeeded = (await listAsides(record.run)).some((aside) => aside.origin === origin);
  if (stillNeeded || !(await destroyUnlessNeeded(record.run, dataset, snapshot))) return;
  const gone = transactionOfSnapshot(snapshot);
  if (gone !== undefined)
    record.write((one) => one.recordGone({ snapshots: [gone], asides: [] }, Date.now()));
}

/** The transactions of which the snapshot of the jail lies in a tree: after a restore even such as are in effect. */
async function transactionsIn(run: Run, tree: string): Promise<string[]> {
  if (!(await exists(run, tree))) return [];
  const points = (await listPoints(run, tree)).filter(({ dataset, own }) => own && dataset === tree);
  return points.flatMap(({ name }) => transactionOfSnapshot(name) ?? []);
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

/** What somebody else holds or has cloned stays: the tree is gone all the same. Gives whether it went. */
async function destroyUnlessNeeded(run: Run, dataset: string, snapshot: string): Promise<boolean> {
  try {
    await destroySnapshots(run, dataset, snapshot);
    return true;
  } catch (error) {
    if (!(error instanceof JtxError && isNeeded(error.message))) throw error;
    return false;
  }
}

const ownSnapshot = new RegExp(`^jtx-(${idPattern})(-rehearsal)?$`);

function isSpent(journal: Journal, snapshot: string): boolean {
  const [, id, rehearsal] = ownSnapshot.exec(snapshot) ?? [];
  if (id === undefined || rehearsal !== undefined) return id !== undefined;
  const row = journal.transaction(id);
  return row?.snapshot === snapshot && (row.state === 'rolled-back' || row.undoneBy !== null);
}
