import { JtxError } from '../error.ts';
import { carryFetched } from '../pkg/fetched.ts';
import { rehearsalName } from '../zfs/names.ts';
import type { Approach } from './approach.ts';
import type { Attempt } from './attempt.ts';
import type { Work } from './package-work.ts';
import { openRehearsal } from './rehearsal.ts';
import type { ChangeRequest } from './request.ts';
import { openSession } from './session.ts';
import { verify } from './verification.ts';
import { workOn } from './work.ts';

/**
 * Does a change on a clone, with its verifications, or only plans it there: the jail itself is not touched.
 * Throws what the change itself would throw.
 */
export async function rehearse(
  attempt: Attempt,
  request: ChangeRequest,
  known: Approach | undefined,
): Promise<Work> {
  const { context, record, subject } = attempt;
  record.write((journal) => journal.enter(record.id, 'rehearse'));
  context.progress.step(
    request.planOnly ? 'cloning' : 'rehearsing',
    rehearsalName(subject.dataset, record.id),
  );
  attempt.rehearsal = await openRehearsal(record, subject);
  const session = await openSession(attempt, attempt.rehearsal.subject, request, known);
  try {
    const work = await workOn(session, attempt, request, { fetched: false, planOnly: !request.rehearse });
    if (!work.unchanged && request.rehearse)
      attempt.verifications = await verify(session, request, work, attempt.before);
    attempt.applying = false;
    return work;
  } finally {
    await session.close();
  }
}

/** What the rehearsal has downloaded goes into the jail; then it has served. */
export async function takeOver(attempt: Attempt): Promise<void> {
  const { rehearsal, subject } = attempt;
  if (!rehearsal) return;
  carryFetched(rehearsal.subject.jail.root, subject.jail.root);
  await endRehearsal(attempt);
}

/**
 * Takes the clone away. One that is busy, because a program of the host looks through it, is no reason against the change:
 * it goes when the transaction is settled.
 */
export async function endRehearsal(attempt: Attempt): Promise<void> {
  const { rehearsal } = attempt;
  attempt.rehearsal = undefined;
  try {
    await rehearsal?.end(false);
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
    attempt.cloneLeft = true;
  }
}
