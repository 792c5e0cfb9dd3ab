import type { TransactionRow } from '../journal/rows.ts';
import { asideName } from '../zfs/names.ts';

/** What of a transaction decides what it keeps. */
type Keeper = Pick<TransactionRow, 'id' | 'dataset' | 'verb' | 'state' | 'snapshot' | 'aside'> &
  Partial<Pick<TransactionRow, 'undoneBy' | 'snapshotGone' | 'asideGone'>>;

/**
 * The snapshot of the jail's top dataset that a transaction keeps; null where it has gone with the outcome, or jtx has let
 * it go since. That others destroyed it the journal cannot know. Pure.
 */
export function keptSnapshot(row: Keeper): string | null {
  const { id, dataset, verb, state, snapshot, undoneBy = null, snapshotGone = null } = row;
  // What a rollback goes back to is another's.
  if (snapshot === null || snapshotGone !== null || verb === 'rollback') return null;
  const keeps =
    state === 'open' ||
    state === 'stuck' ||
    (state === 'rolled-back' && keptAside(row) === asideName(dataset, id)) ||
    (state === 'committed' && undoneBy === null);
  return keeps ? `${dataset}@${snapshot}` : null;
}

/** The dataset under which what a transaction left is set aside; null where nothing is, or is no more. Pure. */
export function keptAside({
  verb,
  aside,
  asideGone = null,
}: Pick<Keeper, 'verb' | 'aside' | 'asideGone'>): string | null {
  // What a drop names is what it destroys.
  return verb === 'drop' || asideGone !== null ? null : aside;
}
