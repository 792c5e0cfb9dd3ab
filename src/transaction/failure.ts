import { JtxError } from '../error.ts';
import type { Attempt } from './attempt.ts';
import type { Ending } from './ending.ts';
import { keptSnapshot } from './kept.ts';
import { putBack } from './put-back.ts';
import { type EndReason, reasonFor } from './reason.ts';
import type { TransactionRecord } from './record.ts';
import type { Session } from './session.ts';
import { settle } from './settle.ts';

/**
 * Puts the jail back and says how the transaction ended. An error that jtx does not expect is thrown on after
 * that. From here on neither a signal nor a journal that fails stops it.
 */
export async function failureEnding(
  attempt: Attempt,
  session: Session | undefined,
  error: unknown,
): Promise<Ending> {
  const { context, record, subject } = attempt;
  const { aborted, reason: given } = context.interrupt;
  const reason = reasonFor(error, attempt.applying, aborted ? Number(given) : null);
  record.forgive();
  const { outcome, aside, snapshotKept, notes } = await putBack(attempt, session, reason);
  const recorded = record.write((journal) => {
    journal.end(record.id, outcome.state, outcome, Date.now());
    return true;
  });
  const stuck = outcome.state === 'stuck';
  const warnings = stuck
    ? []
    : await settle(record, context.config, {
        jail: subject.jail,
        dataset: subject.dataset,
        // To a recovery that finds the transaction open, a jail without its snapshot is one that cannot be put right.
        snapshot: recorded ? attempt.snapshot : null,
        mounted: attempt.mounted,
        keep: snapshotKept ? 'rolled-back' : null,
        aside,
        restart: attempt.restart,
        spent: null,
        cloneLeft: attempt.cloneLeft,
      });
  if (error !== undefined && !(error instanceof JtxError) && !stuck) throw error;
  const told = recorded ? outcome : lossOfJournal(record, outcome);
  const { id } = record;
  const { verb, snapshot } = attempt;
  return {
    id,
    jail: subject.jail.name,
    verb,
    ...told,
    hint: warnings.length === 0 ? told.hint : [told.hint ?? [], 'jtx recover'].flat().join('\n'),
    plan: attempt.plan?.text ?? null,
    changes: [],
    verifications: attempt.verifications,
    messages: [],
    snapshot: keptSnapshot({ id, dataset: subject.dataset, verb, state: told.state, snapshot, aside }),
    aside,
    notes: [...attempt.notes, ...(notes ?? [])],
    leftOut: attempt.leftOut,
    warnings,
  };
}

/** An outcome that the journal does not hold is not claimed: the jail is right, and recovery has to say so. */
function lossOfJournal(record: TransactionRecord, reason: EndReason): EndReason {
  if (reason.state === 'stuck') return reason;
  const why = record.lost instanceof Error ? record.lost.message : String(record.lost);
  return {
    ...reason,
    state: 'stuck',
    code: 'journal-unwritable',
    message: `${reason.message ?? 'the jail was put back'}; the jail is as before, but the journal could not record it: ${why}`,
    hint: 'Make the journal writable, then run: jtx recover',
  };
}
