import { refused } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import { requireManaged } from '../jail/control.ts';
import { type FoundJail, findJail } from '../jail/find.ts';
import { listPoints } from '../zfs/newer.ts';
import type { Context } from './context.ts';
import { dataLines, dataSince } from './data-since.ts';
import { dependentsNotes, findDependents, requireUnchanged } from './dependents.ts';
import { requireKept } from './destroy-aside.ts';
import type { Ending } from './ending.ts';
import { goBack } from './go-back.ts';
import { nextTransactionId } from './id.ts';
import { requireUnused, treeOf } from './in-use.ts';
import { lockDirectory } from './lock-directory.ts';
import { requireRoot } from './preflight.ts';
import { putRightBefore } from './recover.ts';
import type { OnData } from './request.ts';
import { requireReverted } from './reverted.ts';
import { ending, planned } from './rollback-ending.ts';
import { planRollback } from './rollback-plan.ts';
import { chooseTarget, type Target } from './rollback-target.ts';
import { requireGoing } from './session.ts';
import { staleData } from './stale-data.ts';
import { findSubject, requireAlone, type Subject } from './subject.ts';
import type { Written } from './written.ts';

/** What a person asks to go back to. */
export interface RollbackRequest {
  jail: string;
  /** Where it lay, should nothing know it by its name now. */
  root?: string;
  /** A transaction, a snapshot or a time; the newest transaction where it is left out. */
  to: string | undefined;
  planOnly: boolean;
  onData: OnData;
  /** What was received to take the jail's place: to that it goes back, with all its datasets. */
  restored?: Restored;
  /** Asked once nothing else can change the jail any more; false refuses. */
  stillWanted?: () => boolean;
}

/** A tree that was restored from a backup, and is like one that was set aside. */
export interface Restored {
  /** In a person's words, after "goes back". */
  words: string;
  /** What the history says of it. */
  arguments: readonly string[];
  /** The backup, or the transaction before which it was made. */
  before: string;
  /** The tree's dataset. */
  aside: string;
  /** What it has below the jail's dataset: of that nothing stays as it is. */
  paths: readonly string[];
}

/**
 * Brings a jail back to an earlier state, as a transaction of its own, which can be undone in the same way: what is
 * there now is set aside unless it is to be discarded. A jail that runs is stopped before and started after.
 * Throws {@link JtxError} for whatever is refused before anything changes.
 */
export async function rollback(context: Context, request: RollbackRequest): Promise<Ending> {
  return whileLocked(context, request, async (jail) => {
    const dependents = jail.running ? await findDependents(runCommand, context.config, jail) : [];
    if (!request.planOnly) requireUnchanged(context.config, jail.name, dependents);
    const subject = whole(await findSubject(runCommand, jail), request.restored);
    requireReverted(subject);
    const points = await listPoints(runCommand, subject.dataset);
    const wanted = { jail: jail.name, root: jail.root, dataset: subject.dataset, to: request.to };
    const target = request.restored
      ? restoredTarget(request.restored)
      : await chooseTarget(context, wanted, points);
    requireKept(context.journal, jail.root, 'aside' in target.from ? target.from.aside : target.from.tree);
    const id = nextTransactionId(context.journal, jail.root);
    const written = await writtenSince(context, subject, target);
    if (request.onData === 'refuse') requireNothingWritten(jail.name, written);
    const plan = await planRollback(id, subject, target, points, request.onData);
    plan.notes.push(...dataLines(written ?? []), ...staleData(context.journal, subject, target));
    requireGoing(context);
    if (request.planOnly) {
      plan.notes.push(...dependentsNotes(jail.name, dependents, 'it is stopped'));
      return planned(ending(subject, target, plan, { id, state: 'unchanged' }), plan);
    }
    return await goBack(context, subject, target, plan, id);
  });
}

/**
 * Requires of a jail what {@link rollback} does before it sets its state aside: asked before hours of receiving what is to
 * take its place. Throws the same.
 */
export async function requireExchangeable(
  context: Context,
  request: Pick<RollbackRequest, 'jail' | 'planOnly'>,
): Promise<void> {
  await whileLocked(context, request, async (found) => {
    const { datasets } = await findSubject(runCommand, found);
    await requireUnused(runCommand, treeOf(found, datasets), 'it cannot be set aside');
  });
}

/** Does something with a jail that can go back, which nothing else changes meanwhile. */
async function whileLocked<T>(
  context: Context,
  {
    jail: name,
    root,
    planOnly,
    stillWanted,
  }: Pick<RollbackRequest, 'jail' | 'root' | 'planOnly' | 'stillWanted'>,
  act: (jail: FoundJail) => Promise<T>,
): Promise<T> {
  requireRoot();
  const find = () => findJail(runCommand, context.config, name, root);
  const found = await find();
  const lock = lockRoot(lockDirectory(context.config), found.root, found.name);
  try {
    const recovered = await putRightBefore(context, found, { planOnly });
    if (stillWanted?.() === false) throw refused('not-wanted', 'it was decided otherwise meanwhile');
    const jail = recovered ? await find() : found;
    requireAlone(jail);
    if (jail.running) requireManaged(jail, context.config);
    return await act(jail);
  } finally {
    lock.release();
  }
}

/** From a backup comes back what otherwise stays as it is, too. */
function whole(subject: Subject, restored: Restored | undefined): Subject {
  if (!restored) return subject;
  const coming = new Set(restored.paths.map((path) => subject.dataset + path));
  const datasets = subject.datasets.map((member) => ({
    ...member,
    reverted: member.reverted || coming.has(member.name),
  }));
  return { ...subject, datasets };
}

function restoredTarget({ words, before, aside, arguments: told }: Restored): Target {
  return { words, before, transaction: undefined, from: { aside }, told };
}

/** Of a state of the jail's own tree it can be told what was written since. */
async function writtenSince(
  context: Context,
  subject: Subject,
  { from, before }: Target,
): Promise<Written[] | undefined> {
  if (!('snapshot' in from) || from.tree !== subject.dataset) return undefined;
  return dataSince(context.journal, subject, from.snapshot, before);
}

function requireNothingWritten(jail: string, written: readonly Written[] | undefined): void {
  if (written?.length === 0) return;
  throw refused(
    'data-at-risk',
    `${jail} has written since: ${written ? dataLines(written).join('; ') : 'what, this zfs(8) cannot tell'}`,
    'Without --on-data refuse it is set aside.',
  );
}
