import { ulid } from 'ulid';

/** A new transaction's id: a ULID, so that ids sort by time. */
export function newTransactionId(): string {
  return ulid();
}
