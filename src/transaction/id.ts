import { decodeTime, ulid } from 'ulid';
import type { Journal } from '../journal/journal.ts';

/** A new id: a ULID, so that ids sort by time. */
export function newTransactionId(): string {
  return ulid();
}

/** A new id that sorts after another one, also where the clock was set back since: its time is then just after that. */
export function idAfter(newest: string | undefined): string {
  return ulid(newest === undefined ? Date.now() : Math.max(Date.now(), decodeTime(newest) + 1));
}

/**
 * The id of a root's next transaction, which sorts after all that it has: which of them is the newest, and what is in
 * effect after a rollback, is told by their order, also where the clock was set back meanwhile.
 */
export function nextTransactionId(journal: Journal, root: string): string {
  return idAfter(journal.newest(root));
}
