import { encodeTime } from 'ulid';
import type { TransactionRow } from '../journal/rows.ts';
import { transactionOfSnapshot } from '../zfs/names.ts';
import type { Point } from '../zfs/newer.ts';

/** What of a transaction says which software a jail has after it. */
export type Event = Pick<TransactionRow, 'id' | 'verb' | 'state' | 'target'>;

/** An id as it would have been given at a moment: it sorts between the transactions before and after. */
export function boundaryAt(milliseconds: number): string {
  return encodeTime(milliseconds, 10) + '0'.repeat(16);
}

/**
 * The transaction or boundary just before which a snapshot was taken; `points` are those of the same jail. Its time is
 * known to the second, so a transaction that began in that second is told by its own snapshot: younger or not. One that was
 * received with a backup says nothing of that: its transaction group is that of the restore. Pure.
 */
export function boundaryOf(snapshot: Point, points: readonly Point[]): string {
  const own = transactionOfSnapshot(snapshot.name);
  if (own !== undefined) return own;
  const later = points
    .filter((point) => point.own && point.txg > snapshot.txg)
    .flatMap(({ name }) => transactionOfSnapshot(name) ?? []);
  return earliest(boundaryAt(snapshot.creation * 1000 + 999), ...later);
}

/** The first of some transactions and boundaries. */
export function earliest(first: string, ...others: readonly string[]): string {
  let found = first;
  for (const other of others) if (other < found) found = other;
  return found;
}

/** A transaction in effect, and those before it: states of a long history share what they have in common. */
interface Effective {
  id: string;
  base: Effective | undefined;
}

/** What was in effect just before a transaction. */
interface Moment {
  id: string;
  before: Effective | undefined;
}

/**
 * Which transactions of a jail are in effect just before `at` (a transaction's id or a boundary), or now, oldest first.
 * Replays the whole history, which is given oldest first: a change adds itself; a rollback brings back what was in effect
 * before its target began, and adds itself, so that undoing a rollback is a rollback to just before it. Pure.
 */
export function inEffect(events: readonly Event[], at?: string): Set<string> {
  const committed = events.filter(({ state, verb }) => state === 'committed' && verb !== 'drop');
  const past: Moment[] = [];
  let effective: Effective | undefined;
  for (const { id, verb, target } of committed) {
    if (at !== undefined && id >= at) break;
    past.push({ id, before: effective });
    effective = { id, base: verb === 'rollback' ? asBefore(target, past) : effective };
  }
  const ids: string[] = [];
  for (let one = effective; one !== undefined; one = one.base) ids.push(one.id);
  return new Set(ids.reverse());
}

/**
 * What was in effect before a transaction, or at a boundary between two. The time of a snapshot is known to the second:
 * its boundary may lie even after the rollback itself, the last in `past`.
 */
function asBefore(target: string | null, past: readonly Moment[]): Effective | undefined {
  if (target === null) return undefined;
  let [low, high] = [0, past.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((past[middle]?.id ?? '') >= target) high = middle;
    else low = middle + 1;
  }
  return past[low]?.before;
}
