import { lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import { requireManaged } from '../jail/control.ts';
import { findJail } from '../jail/find.ts';
import { readPackages } from '../pkg/database.ts';
import type { Approach } from './approach.ts';
import { type Attempt, begin } from './attempt.ts';
import { commit } from './commit.ts';
import type { Context } from './context.ts';
import { dependentsNotes, findDependents, requireUnchanged } from './dependents.ts';
import type { Ending } from './ending.ts';
import { failureEnding } from './failure.ts';
import { requireUnused } from './in-use.ts';
import { lockDirectory } from './lock-directory.ts';
import { preflight, requireDevfs, requireRoot } from './preflight.ts';
import { putRightBefore } from './recover.ts';
import { rehearse, takeOver } from './rehearse.ts';
import type { ChangeRequest } from './request.ts';
import { requireFiles } from './scratch.ts';
import { secure } from './secure.ts';
import { openSession, requireGoing, type Session } from './session.ts';
import { findSubject, requireAlone, type Subject } from './subject.ts';
import { requireNoTrial } from './trial.ts';
import { verify } from './verification.ts';
import { workOn } from './work.ts';

/**
 * Makes one change to one jail as a transaction. Throws {@link JtxError} for what is refused before the
 * transaction is recorded; afterwards every way in which it can end is an {@link Ending}, but for bugs, which
 * are thrown on once the jail has been put back.
 */
export async function change(context: Context, asked: ChangeRequest): Promise<Ending> {
  requireRoot();
  requireFiles(asked.files);
  const found = await findJail(runCommand, context.config, asked.jail);
  const lock = lockRoot(lockDirectory(context.config), found.root, found.name);
  try {
    const recovered = await putRightBefore(context, found, asked);
    const jail = recovered ? await findJail(runCommand, context.config, asked.jail) : found;
    const request = {
      ...asked,
      rehearse: asked.rehearse || (context.config.rehearse && jail.running !== undefined),
    };
    if (!request.planOnly) requireNoTrial(context, jail.root);
    requireAlone(jail);
    if (jail.running && !request.planOnly) requireManaged(jail, context.config);
    const dependents = jail.running ? await findDependents(runCommand, context.config, jail) : [];
    if (request.stop && !request.planOnly) requireUnchanged(context.config, jail.name, dependents);
    const subject = await findSubject(runCommand, jail);
    const known = await preflight(context, runCommand, subject, request);
    if (jail.running && !request.planOnly && !request.stop && runsScripts(request))
      requireDevfs(subject, request);
    if (jail.running && setsAside(request)) await requireReturn(subject);
    requireGoing(context);
    const before = await readPackages(jail.root);
    const attempt = begin(context, request, subject, before);
    const whether = request.stop ? 'it is stopped' : 'only where it fails';
    if (request.planOnly) attempt.notes.push(...dependentsNotes(jail.name, dependents, whether));
    return await transact(attempt, request, known);
  } finally {
    lock.release();
  }
}

/** Whether the change of a jail that runs, where it fails, sets aside what the jail is by then. */
function setsAside({ planOnly, stop, onData }: ChangeRequest): boolean {
  return !planOnly && !stop && onData === 'aside';
}

/** Requires a way back, while nothing needs it yet. Throws `root-busy`. */
function requireReturn({ jail: { root, unmounted }, datasets }: Subject): Promise<void> {
  return requireUnused(
    runCommand,
    { root, datasets, unmounted },
    'it could not be set aside if the change failed',
    '--stop, or --on-data discard, does without.',
  );
}

async function transact(
  attempt: Attempt,
  request: ChangeRequest,
  known: Approach | undefined,
): Promise<Ending> {
  const { record } = attempt;
  let session: Session | undefined;
  try {
    if (startsOnClone(attempt, request)) {
      const rehearsed = await rehearse(attempt, request, known);
      if (rehearsed.unchanged || request.planOnly) return await failureEnding(attempt, undefined, undefined);
    }
    await secure(attempt, request);
    record.write((journal) => journal.enter(record.id, 'prepare'));
    session = await openSession(attempt, attempt.subject, request, known);
    const fetched = attempt.rehearsal !== undefined;
    await takeOver(attempt);
    const work = await workOn(session, attempt, request, { fetched, planOnly: false });
    if (work.unchanged) return await failureEnding(attempt, session, undefined);
    attempt.verifications = await verify(session, request, work, attempt.before);
    return await commit(attempt, session, work, request.confirmWithin);
  } catch (error) {
    return await failureEnding(attempt, session, error);
  } finally {
    record.release();
  }
}

/** A jail that goes on running is not touched for what turns out to be refused, or nothing at all. */
function startsOnClone({ live, verb }: Attempt, { rehearse, planOnly }: ChangeRequest): boolean {
  return rehearse || planOnly || (live && runsScripts({ verb }));
}

/** Whether pkg is to change the jail, and not a command inside it or jtx itself. */
function runsScripts({ verb }: Pick<ChangeRequest, 'verb'>): boolean {
  return verb !== 'run' && verb !== 'restore';
}
