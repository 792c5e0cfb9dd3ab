import { JtxError, messageOf } from '../error.ts';
import type { EndState, Reason } from '../journal/rows.ts';

/** Why a transaction does not commit, and how it ends then. */
export interface EndReason extends Reason {
  state: EndState;
  /** The signal that interrupted it. */
  signal: number | null;
}

/** Pure: which end a failure leads to, once the jail is as before. Undefined is no failure: there was nothing to do. */
export function reasonFor(error: unknown, applying: boolean, signal: number | null): EndReason {
  if (signal !== null) {
    return {
      state: 'rolled-back',
      code: 'interrupted',
      message: 'interrupted by a signal',
      hint: null,
      signal,
    };
  }
  if (error === undefined) return { state: 'unchanged', code: null, message: null, hint: null, signal: null };
  const state = applying || !(error instanceof JtxError) ? 'rolled-back' : 'refused';
  return { state, ...reasonOf(error), signal: null };
}

/** An error as the journal keeps it; one that jtx does not expect is `unexpected`. */
export function reasonOf(error: unknown): Reason & { code: string; message: string } {
  if (error instanceof JtxError)
    return { code: error.code, message: error.message, hint: error.hint ?? null };
  return { code: 'unexpected', message: messageOf(error), hint: null };
}

/** The jail could not be put back: why it should have been, and why it could not be. */
export function stuckReason(reason: EndReason, failure: unknown): EndReason {
  const why = messageOf(failure);
  const first = reason.message === null ? '' : `${reason.message}; then `;
  return {
    state: 'stuck',
    code: failure instanceof JtxError ? failure.code : 'revert-failed',
    message: `${first}the rollback failed: ${why}`,
    hint: failure instanceof JtxError && failure.hint !== undefined ? failure.hint : 'jtx recover',
    signal: null,
  };
}
