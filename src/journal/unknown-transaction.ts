import { type JtxError, refused } from '../error.ts';

/** `transaction-unknown`: an id that a person gave, or the beginning of one, is none of the journal's. */
export function unknownTransaction(id: string): JtxError {
  return refused('transaction-unknown', `there is no transaction ${JSON.stringify(id)}`, 'jtx history');
}
