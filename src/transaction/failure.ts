import { JtxError } from '../error.ts';
import { stopJail } from '../jail/control.ts';
import { asideName } from '../zfs/aside.ts';
import { describeSnapshots } from '../zfs/snapshot.ts';
import type { Attempt } from './attempt.ts';
import { tidy } from './commit.ts';
import { dataLines, dataSince } from './data-since.ts';
import type { Ending, EndState } from './ending.ts';
import type { TransactionRecord } from './record.ts';
import { type Reversal, revert } from './revert.ts';
import { removeScratch, scratchPath } from './scratch.ts';
import type { Session } from './session.ts';
import { settle } from './settle.ts';

/** Why a transaction does not commit, for people, scripts and the journal. Pure. */
export interface Reason {
  state: EndState;
  code: string | null;
  message: string | null;
  hint: string | null;
  signal: number | null;
}

/** Which end a failure leads to, once the jail is as before. Undefined is no failure: there was nothing to do. */
export function reasonFor(error: unknown, applying: boolean, signal: number | null): Reason {
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
  const state = applying ? 'rolled-back' : 'refused';
  if (error instanceof JtxError) {
    return { state, code: error.code, message: error.message, hint: error.hint ?? null, signal: null };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { state: 'rolled-back', code: 'unexpected', message, hint: null, signal: null };
}

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
  const { outcome, aside, snapshotKept, notes, warning } = await putBack(attempt, session, reason);
  record.write((journal) => journal.end(record.id, outcome.state, outcome, Date.now()));
  const stuck = outcome.state === 'stuck';
  const warnings = warning === undefined ? [] : [warning];
  if (!stuck) {
    const unsettled = await settle(record, context.config, {
      jail: subject.jail,
      dataset: subject.dataset,
      snapshot: attempt.snapshot,
      keep: snapshotKept ? 'rolled-back' : null,
      restart: attempt.restart,
      spent: null,
    });
    warnings.push(...unsettled);
  }
  if (error !== undefined && !(error instanceof JtxError) && !stuck) throw error;
  return {
    id: record.id,
    jail: subject.jail.name,
    verb: attempt.verb,
    ...lossOfJournal(record, outcome),
    plan: attempt.plan?.text ?? null,
    changes: [],
    verifications: attempt.verifications,
    snapshot: stuck || snapshotKept ? `${subject.dataset}@${attempt.snapshot}` : null,
    aside,
    notes: notes ?? [],
    warnings,
  };
}

interface PutBack {
  outcome: Reason;
  /** Where what was left is set aside. */
  aside: string | null;
  /** The transaction's snapshot is what the jail and the aside have in common. */
  snapshotKept: boolean;
  notes?: string[];
  warning?: string;
}

async function putBack(attempt: Attempt, session: Session | undefined, reason: Reason): Promise<PutBack> {
  const { record, subject } = attempt;
  try {
    await session?.close();
    const ofRehearsal = await attempt.rehearsal?.end(attempt.keepFailed && attempt.applying);
    if (!(await reached(attempt)))
      return { outcome: reason, aside: ofRehearsal ?? null, snapshotKept: false };
    if (attempt.live && !attempt.applying) {
      // Nothing of the jail was changed by pkg, and it goes on running.
      await tidy(attempt);
      return { outcome: reason, aside: null, snapshotKept: false };
    }
    attempt.context.progress.step('rolling back', reason.message ?? undefined);
    record.write((journal) => journal.enter(record.id, 'revert'));
    if (attempt.live) await stopJail(record.run, subject.jail, attempt.context.config);
    return { outcome: reason, ...(await goBack(attempt)) };
  } catch (failure) {
    return { outcome: stuckReason(reason, failure), aside: null, snapshotKept: false };
  }
}

/**
 * Reverts, in place or by setting aside what is there now: what a service wrote meanwhile is not thrown away unless
 * that was asked for.
 */
async function goBack(attempt: Attempt): Promise<Omit<PutBack, 'outcome'>> {
  const { record, subject, live, onData } = attempt;
  const notes = live ? await whatItWrote(attempt) : [];
  if (!attempt.keepFailed && !(live && onData === 'aside')) {
    await revert(record.run, reversalOf(attempt, null));
    return { aside: null, snapshotKept: false, notes };
  }
  const aside = asideName(subject.dataset, record.id);
  record.write((journal) => journal.setAside(record.id, aside));
  removeScratch(subject.jail.root, scratchPath(record.id));
  try {
    await revert(record.run, reversalOf(attempt, aside));
    return { aside, snapshotKept: true, notes };
  } catch (error) {
    // Somebody on the host uses it. Where only the failed change would be lost, putting the jail back matters more.
    if (live || !(error instanceof JtxError && error.code === 'root-busy')) throw error;
    record.write((journal) => journal.setAside(record.id, null));
    await revert(record.run, reversalOf(attempt, null));
    return {
      aside: null,
      snapshotKept: false,
      warning: `what the failed change left could not be kept: ${error.message}`,
    };
  }
}

/** What a jail that went on running wrote since. Throws `data-at-risk` where that is not to be touched. */
async function whatItWrote({ context, record, subject, snapshot, onData }: Attempt): Promise<string[]> {
  const written = await dataSince(context.journal, subject, snapshot, record.id);
  const lines = dataLines(written ?? []);
  if (onData !== 'refuse' || written?.length === 0) return lines;
  throw new JtxError({
    code: 'data-at-risk',
    outcome: 'stuck',
    message: `going back would take away what ${subject.jail.name} wrote since: ${lines.join('; ') || 'this zfs(8) cannot tell what'}`,
    hint: 'jtx recover sets it aside and goes back.',
  });
}

function reversalOf({ record, subject, ...attempt }: Attempt, aside: string | null): Reversal {
  const { snapshot, mounted, packages } = attempt;
  const { dataset, datasets } = subject;
  return {
    root: subject.jail.root,
    members: datasets,
    snapshot,
    mounted,
    ownChange: attempt.live ? undefined : record.id,
    packages,
    exchange:
      aside === null ? undefined : { dataset, aside, incoming: { snapshot, tree: aside }, members: datasets },
  };
}

/** Whether there is a snapshot to go back to; where there is none, nothing was changed (invariant 1). */
async function reached({ record, subject, snapshot }: Attempt): Promise<boolean> {
  const name = `${subject.dataset}@${snapshot}`;
  const found = await describeSnapshots(record.run, [name]);
  return found.length > 0;
}

/** The jail could not be put back: why it should have been, and why it could not be. */
export function stuckReason(reason: Reason, failure: unknown): Reason {
  const why = failure instanceof Error ? failure.message : String(failure);
  const first = reason.message === null ? '' : `${reason.message}; then `;
  return {
    state: 'stuck',
    code: failure instanceof JtxError ? failure.code : 'revert-failed',
    message: `${first}the rollback failed: ${why}`,
    hint: failure instanceof JtxError && failure.hint !== undefined ? failure.hint : 'jtx recover',
    signal: null,
  };
}

/** An outcome that the journal does not hold is not claimed: the jail is right, and recovery has to say so. */
function lossOfJournal(record: TransactionRecord, reason: Reason): Reason {
  if (record.lost === undefined || reason.state === 'stuck') return reason;
  const why = record.lost instanceof Error ? record.lost.message : String(record.lost);
  return {
    ...reason,
    state: 'stuck',
    code: 'journal-unwritable',
    message: `${reason.message ?? 'the jail was put back'}; the jail is as before, but the journal could not record it: ${why}`,
    hint: 'Make the journal writable, then run: jtx recover',
  };
}
