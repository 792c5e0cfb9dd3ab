import type { Journal } from '../journal/journal.ts';
import type { TransactionRow } from '../journal/rows.ts';
import { splitAside } from '../zfs/names.ts';
import { inEffect } from './effective.ts';

/** Records that a rollback is done, with what is in effect of the jail's history after it: one durable write. */
export function concludeRollback(journal: Journal, id: string, root: string, at: number): void {
  const history = journal.events(root);
  const events = history.map((row) => (row.id === id ? { ...row, state: 'committed' as const } : row));
  const effective = inEffect(events);
  const changed = events.filter(
    ({ id: one, state, verb, undoneBy }) =>
      state === 'committed' && verb !== 'drop' && effective.has(one) !== (undoneBy === null),
  );
  const flipped = changed.map((row) => ({ id: row.id, undone: !effective.has(row.id) }));
  const undone = flipped.filter((row) => row.undone).map((row) => row.id);
  const rollback = journal.transaction(id);
  // In place nothing is left of what came since.
  const snapshots = rollback?.aside === null ? undone : [];
  journal.endRollback(id, at, flipped, { snapshots, asides: broughtBack(rollback) });
}

/** Whose tree that was set aside has become the jail, and bears the jail's name again. */
function broughtBack(rollback: TransactionRow | undefined): string[] {
  if (!rollback || rollback.snapshot !== null || rollback.source === null) return [];
  const split = splitAside(rollback.source);
  return split ? [split.transaction] : [];
}
