import { refused } from '../error.ts';
import { runCommand } from '../host/run.ts';
import type { TransactionRow } from '../journal/rows.ts';
import { snapshotName, splitSnapshot } from '../zfs/names.ts';
import { describeSnapshots, listSnapshots } from '../zfs/snapshot.ts';
import type { Context } from './context.ts';
import type { Subject } from './subject.ts';

/** What a person asks to go back to. */
export interface RollbackRequest {
  jail: string;
  /** The transaction to undo, or a unique beginning of its id; the newest where it is left out. */
  transaction: string | undefined;
  planOnly: boolean;
  stop: boolean;
  /** What the jail itself wrote since may be lost. */
  discard: boolean;
}

/**
 * The transaction to undo. Throws `nothing-to-undo`, `transaction-unknown`, `not-newest`.
 */
export function chooseTarget(context: Context, root: string, request: RollbackRequest): TransactionRow {
  const newest = context.journal.newestUndoable(root);
  if (!newest)
    throw refused('nothing-to-undo', `${request.jail} has no committed transaction that can be undone`);
  if (request.transaction === undefined) return newest;
  const named = context.journal.transaction(request.transaction);
  if (!named || named.root !== root) {
    throw refused(
      'transaction-unknown',
      `${request.jail} has no transaction ${request.transaction}`,
      `jtx history ${request.jail}`,
    );
  }
  if (named.id === newest.id) return newest;
  throw refused(
    'not-newest',
    `${named.id} is not the newest committed transaction of ${request.jail}`,
    `Undo ${newest.id} first: jtx rollback ${request.jail}`,
  );
}

/**
 * Everything newer than the target must be nothing at all: going back in place would destroy it.
 * Throws `newer-snapshots`, `snapshot-missing`.
 */
export async function requireNewest(subject: Subject, target: TransactionRow): Promise<void> {
  const wanted = target.snapshot ?? snapshotName(target.id);
  const newest = new Map<string, string>();
  for (const name of await listSnapshots(runCommand, subject.dataset)) {
    const { dataset, snapshot } = splitSnapshot(name);
    newest.set(dataset, snapshot);
  }
  const reverted = subject.datasets.filter((dataset) => dataset.reverted);
  const found = await describeSnapshots(
    runCommand,
    reverted
      .map((dataset) => `${dataset.name}@${wanted}`)
      .filter((name) => newest.has(splitSnapshot(name).dataset)),
  );
  const own = new Set(
    found.filter((snapshot) => snapshot.own['tx'] === target.id).map((snapshot) => snapshot.name),
  );
  const missing = reverted.find((dataset) => !own.has(`${dataset.name}@${wanted}`));
  if (missing) {
    throw refused(
      'snapshot-missing',
      `${missing.name} has no snapshot of ${target.id}`,
      'It was made or its snapshot destroyed after that transaction.',
    );
  }
  const newer = reverted.filter((dataset) => newest.get(dataset.name) !== wanted);
  if (newer.length === 0) return;
  const names = newer.map((dataset) => `${dataset.name}@${newest.get(dataset.name) ?? ''}`);
  throw refused(
    'newer-snapshots',
    `newer snapshots are in the way: ${names.join(', ')}`,
    'jtx destroys nothing that it did not make. Move them away or destroy them yourself.',
  );
}
