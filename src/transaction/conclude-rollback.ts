import type { Journal } from '../journal/journal.ts';
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
  journal.endRollback(
    id,
    at,
    changed.map((row) => ({ id: row.id, undone: !effective.has(row.id) })),
    { snapshots: [], asides: [] },
  );
}
