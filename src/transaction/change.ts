import { refused } from '../error.ts';
import { type Lock, lockRoot } from '../host/lock.ts';
import { unmount } from '../host/mounts.ts';
import { runCommand } from '../host/run.ts';
import { stopJail } from '../jail/control.ts';
import { findJail } from '../jail/find.ts';
import { digest, type InstalledPackage, readPackages } from '../pkg/database.ts';
import { carryFetched } from '../pkg/fetched.ts';
import type { Verification } from '../verify/probe.ts';
import { version } from '../version.ts';
import { rehearsalName } from '../zfs/aside.ts';
import { snapshotName } from '../zfs/names.ts';
import { describeSnapshots, holdSnapshots, takeSnapshot } from '../zfs/snapshot.ts';
import { workByCommand } from './command-work.ts';
import type { Context } from './context.ts';
import type { Ending } from './ending.ts';
import { type Attempt, failureEnding } from './failure.ts';
import { newTransactionId } from './id.ts';
import { lockDirectory } from './lock-directory.ts';
import { type Work, workOnPackages } from './package-work.ts';
import { type Abi, hasDevfs, preflight, requireRoot } from './preflight.ts';
import { requireQuiet } from './processes.ts';
import { TransactionRecord } from './record.ts';
import { recoverUnsettled } from './recover.ts';
import { openRehearsal, type Rehearsal } from './rehearsal.ts';
import type { ChangeRequest } from './request.ts';
import { removeScratch, requireFiles, scratchPath } from './scratch.ts';
import { openSession, requireGoing, type Session } from './session.ts';
import { settle } from './settle.ts';
import { findSubject, requireIdle, type Subject } from './subject.ts';
import { verify } from './verification.ts';

/**
 * Makes one change to one jail as a transaction. Throws {@link JtxError} for what is refused before the
 * transaction is recorded; afterwards every way in which it can end is an {@link Ending}, but for bugs, which
 * are thrown on once the jail has been put back.
 */
export async function change(context: Context, request: ChangeRequest): Promise<Ending> {
  requireRoot();
  requireFiles(request.files);
  const jail = await findJail(runCommand, context.config, request.jail);
  const lock: Lock = lockRoot(lockDirectory(context.config), jail.root);
  try {
    await recoverUnsettled(context, jail.name, jail.root);
    requireIdle(jail, request.stop || request.planOnly);
    const subject = await findSubject(runCommand, jail);
    const abi = await preflight(context, runCommand, subject, request.abi);
    requireGoing(context);
    return await transact(context, request, subject, abi);
  } finally {
    lock.release();
  }
}

async function transact(
  context: Context,
  request: ChangeRequest,
  subject: Subject,
  abi: Abi,
): Promise<Ending> {
  const record = new TransactionRecord(context.journal, newTransactionId());
  const before = await readPackages(subject.jail.root);
  const attempt: Attempt = {
    context,
    record,
    subject,
    verb: request.verb,
    snapshot: snapshotName(record.id),
    devfs: !hasDevfs(subject),
    packages: digest(before),
    restart: subject.jail.running !== undefined,
    keepFailed: request.keepFailed,
    rehearsal: undefined,
    // Nothing that belongs to the jail has been changed while this is false: only stopping it.
    applying: false,
    plan: undefined,
    verifications: [],
  };
  begin(attempt, request);
  let session: Session | undefined;
  try {
    if (request.rehearse || request.planOnly) {
      const rehearsed = await rehearse(attempt, request, abi, before);
      if (rehearsed.unchanged || request.planOnly) return await failureEnding(attempt, undefined, undefined);
    }
    await secure(attempt, request);
    record.write((journal) => journal.enter(record.id, 'prepare'));
    session = await openSession(context, record, subject, request, abi);
    const fetched = attempt.rehearsal !== undefined;
    if (attempt.rehearsal) await takeOver(attempt, attempt.rehearsal);
    const work = await workOn(session, request, before, attempt, fetched);
    if (work.unchanged) return await failureEnding(attempt, session, undefined);
    attempt.verifications = await verify(session, request, work);
    return await commit(attempt, session, work);
  } catch (error) {
    return await failureEnding(attempt, session, error);
  }
}

function begin({ context, record, subject, ...attempt }: Attempt, request: ChangeRequest): void {
  record.write((journal) =>
    journal.begin({
      id: record.id,
      jail: subject.jail.name,
      root: subject.jail.root,
      dataset: subject.dataset,
      verb: request.verb,
      arguments: [...request.words],
      pid: process.pid,
      started: Date.now(),
      version,
      restart: attempt.restart,
      ran: subject.jail.running !== undefined,
      snapshot: attempt.snapshot,
      datasets: subject.datasets,
      before: attempt.packages,
    }),
  );
  context.progress.step('started', record.id);
}

/** Does the whole change on a clone, or plans it there: the jail itself is not touched. */
async function rehearse(
  attempt: Attempt,
  request: ChangeRequest,
  abi: Abi,
  before: InstalledPackage[],
): Promise<Work> {
  const { context, record, subject } = attempt;
  record.write((journal) => journal.enter(record.id, 'rehearse'));
  context.progress.step('rehearsing', rehearsalName(subject.dataset, record.id));
  const rehearsal = await openRehearsal(record, subject);
  attempt.rehearsal = rehearsal;
  const session = await openSession(context, record, rehearsal.subject, request, abi, true);
  try {
    const work = await workOn(session, request, before, attempt, false);
    if (!work.unchanged && !request.planOnly) await verify(session, request, work);
    attempt.applying = false;
    return work;
  } finally {
    await session.close();
  }
}

/** What the rehearsal has downloaded is used; then it has served. */
async function takeOver(attempt: Attempt, rehearsal: Rehearsal): Promise<void> {
  carryFetched(rehearsal.subject.jail.root, attempt.subject.jail.root);
  attempt.rehearsal = undefined;
  await rehearsal.end(false);
}

/** Stops the jail where that was asked for, and takes and holds the snapshot: from here on nothing can be lost. */
async function secure(
  { context, record, subject, snapshot }: Attempt,
  request: ChangeRequest,
): Promise<void> {
  const { jail, dataset } = subject;
  if (jail.running) {
    record.write((journal) => journal.enter(record.id, 'stop'));
    context.progress.step('stopping', jail.name);
    await stopJail(record.run, jail.running, jail.configured);
  }
  await requireQuiet(record.run, subject);
  requireGoing(context);
  record.write((journal) => journal.enter(record.id, 'snapshot'));
  context.progress.step('snapshot', `${dataset}@${snapshot}`);
  await takeSnapshot(record.run, dataset, snapshot, {
    tx: record.id,
    jail: jail.name,
    verb: request.verb,
    state: 'open',
    started: new Date().toISOString(),
    packages: request.words.join(' ').slice(0, 1000) || '-',
  });
  await holdSnapshots(record.run, dataset, snapshot);
  const names = subject.datasets.map((member) => `${member.name}@${snapshot}`);
  const taken = await describeSnapshots(record.run, names);
  if (taken.length !== names.length)
    throw refused('snapshot-missing', `not every dataset of ${dataset} has its snapshot`);
  record.write((journal) =>
    journal.recordSnapshots(
      record.id,
      taken.map(({ name, guid }) => ({ dataset: name.split('@')[0] ?? name, name, guid })),
    ),
  );
}

async function workOn(
  session: Session,
  request: ChangeRequest,
  before: InstalledPackage[],
  attempt: Attempt,
  fetched: boolean,
): Promise<Work> {
  const onApply = (): void => {
    attempt.applying = true;
  };
  if (request.verb === 'run') {
    onApply();
    return workByCommand(session, request, before);
  }
  return workOnPackages(session, request, request.verb, before, {
    fetched,
    planned: (plan) => {
      attempt.plan = plan;
    },
    onApply,
  });
}

async function commit(attempt: Attempt, session: Session, work: Work): Promise<Ending> {
  const { context, record, subject, snapshot } = attempt;
  record.write((journal) => journal.enter(record.id, 'clean'));
  context.progress.step('committing');
  await session.close();
  removeScratch(subject.jail.root, scratchPath(record.id));
  if (attempt.devfs) await unmount(record.run, `${subject.jail.root}/dev`);
  requireGoing(context);
  // The one moment at which the transaction becomes true. Before it recovery reverts, after it recovery keeps.
  record.write((journal) =>
    journal.end(record.id, 'committed', { code: null, message: null, hint: null }, Date.now()),
  );
  record.forgive();
  const warnings = await settle(record, {
    jail: subject.jail.name,
    dataset: subject.dataset,
    snapshot,
    keep: 'committed',
    restart: attempt.restart,
    spent: null,
  });
  return ending(attempt, work.changes, attempt.verifications, warnings);
}

function ending(
  { record, subject, verb, snapshot, plan }: Attempt,
  changes: Work['changes'],
  verifications: Verification[],
  warnings: string[],
): Ending {
  return {
    id: record.id,
    jail: subject.jail.name,
    verb,
    state: 'committed',
    code: null,
    message: null,
    hint: warnings.length > 0 ? 'jtx recover' : null,
    signal: null,
    plan: plan?.text ?? null,
    changes,
    verifications,
    snapshot: `${subject.dataset}@${snapshot}`,
    aside: null,
    warnings,
  };
}
