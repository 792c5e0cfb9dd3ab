import { runCommand, succeeded } from '../host/run.ts';
import { rowsFromSnapshots } from '../journal/rebuild.ts';
import { listAll } from '../zfs/dataset.ts';
import { wholeListing } from '../zfs/listing.ts';
import { transactionOfSnapshot } from '../zfs/names.ts';
import { describeSnapshots, heldByJtx, type Snapshot } from '../zfs/snapshot.ts';
import type { Context } from './context.ts';

/**
 * Restores the transactions of a lost journal from the user properties of jtx's own snapshots, on every pool.
 * Gives how many there are. Transactions that left no snapshot are lost.
 */
export async function rebuildJournal(context: Context): Promise<number> {
  const names = ['-t', 'snapshot', '-o', 'name'];
  const listed = succeeded(await runCommand(['zfs', 'list', '-H', ...names], wholeListing));
  const own = listed.stdout.split('\n').filter((name) => transactionOfSnapshot(name) !== undefined);
  const live = await listAll(runCommand);
  const rows = rowsFromSnapshots(await withOwnHolds(await describeSnapshots(runCommand, own)), live);
  return context.journal.restore(rows);
}

/** Without the holds of others: only jtx's own says that a transaction is under way. */
async function withOwnHolds(snapshots: readonly Snapshot[]): Promise<Snapshot[]> {
  const held = snapshots.filter((snapshot) => snapshot.held).map(({ name }) => name);
  const own = await heldByJtx(runCommand, held);
  return snapshots.map(({ held: _, ...rest }) => (own.has(rest.name) ? { ...rest, held: true } : rest));
}
