import { JtxError, refused } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import { requireManaged, stopJail } from '../jail/control.ts';
import { findJail } from '../jail/find.ts';
import { version } from '../version.ts';
import { listPoints } from '../zfs/newer.ts';
import { concludeRollback } from './conclude-rollback.ts';
import type { Context } from './context.ts';
import { dataLines, dataSince } from './data-since.ts';
import type { Ending } from './ending.ts';
import { newTransactionId } from './id.ts';
import { lockDirectory } from './lock-directory.ts';
import { requireRoot } from './preflight.ts';
import { requireQuiet } from './processes.ts';
import { TransactionRecord } from './record.ts';
import { recoverUnsettled } from './recover.ts';
import type { OnData } from './request.ts';
import { type Reversal, revert } from './revert.ts';
import { ending, planned, stuck } from './rollback-ending.ts';
import { planRollback, type RollbackPlan } from './rollback-plan.ts';
import { chooseTarget, type Target } from './rollback-target.ts';
import { requireGoing } from './session.ts';
import { revertOrSetAside } from './set-aside.ts';
import { settle } from './settle.ts';
import { staleData } from './stale-data.ts';
import { findSubject, requireAlone, type Subject } from './subject.ts';
import type { Written } from './written.ts';

/** What a person asks to go back to. */
export interface RollbackRequest {
  jail: string;
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
  requireRoot();
  const found = await findJail(runCommand, context.config, request.jail);
  const lock = lockRoot(lockDirectory(context.config), found.root);
  try {
    const recovered = await recoverUnsettled(context, found.name, found.root);
    if (request.stillWanted?.() === false) throw refused('not-wanted', 'it was decided otherwise meanwhile');
    const jail = recovered ? await findJail(runCommand, context.config, request.jail) : found;
    requireAlone(jail);
    if (jail.running) requireManaged(jail, context.config);
    const subject = whole(await findSubject(runCommand, jail), request.restored);
    const points = await listPoints(runCommand, subject.dataset);
    const wanted = { jail: jail.name, root: jail.root, dataset: subject.dataset, to: request.to };
    const target = request.restored
      ? restoredTarget(request.restored)
      : await chooseTarget(context, wanted, points);
    const id = newTransactionId();
    const written = await writtenSince(context, subject, target);
    if (request.onData === 'refuse') requireNothingWritten(jail.name, written);
    const plan = await planRollback(id, subject, target, points, request.onData);
    plan.notes.push(...dataLines(written ?? []), ...staleData(context.journal, subject, target));
    requireGoing(context);
    if (request.planOnly) return planned(ending(subject, target, plan, { id, state: 'unchanged' }), plan);
    return await goBack(context, subject, target, plan, id);
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

async function goBack(
  context: Context,
  subject: Subject,
  target: Target,
  plan: RollbackPlan,
  id: string,
): Promise<Ending> {
  const record = new TransactionRecord(context.journal, id);
  const { jail, dataset } = subject;
  const restart = jail.running !== undefined;
  begin(record, subject, target, plan);
  context.progress.step('started', id);
  const settlement = { jail, dataset, snapshot: null, keep: null, restart, spent: null };
  let reverting = false;
  let aside: string | null;
  try {
    if (jail.running) {
      record.write((journal) => journal.enter(id, 'stop'));
      context.progress.step('stopping', jail.name);
      await stopJail(record.run, jail, context.config);
    }
    await requireQuiet(record.run, subject);
    requireGoing(context);
    // The point of no return: from here on a rollback can only be finished.
    record.write((journal) => journal.enter(id, 'revert'));
    record.forgive();
    reverting = true;
    context.progress.step('rolling back', target.words);
    aside = await carryOut(record, subject, target, plan);
  } catch (error) {
    record.forgive();
    if (reverting && !nothingChanged(error)) return stuck(record, subject, target, plan, error);
    const { code, message, hint } = reasonOf(error);
    record.write((journal) => journal.end(id, 'refused', { code, message, hint }, Date.now()));
    await settle(record, context.config, settlement);
    throw error;
  }
  record.write((journal) => concludeRollback(journal, id, jail.root, Date.now()));
  const { from } = target;
  const warnings = await settle(record, context.config, {
    ...settlement,
    spent: aside === null && 'snapshot' in from ? from.snapshot : null,
  });
  return { ...ending(subject, target, plan, { id, state: 'committed' }), aside, warnings };
}

function begin(
  record: TransactionRecord,
  subject: Subject,
  target: Target,
  { exchange }: RollbackPlan,
): void {
  const { jail, dataset, datasets } = subject;
  const { from, transaction } = target;
  const ran = jail.running !== undefined;
  record.write((journal) =>
    journal.begin({
      id: record.id,
      jail: jail.name,
      root: jail.root,
      dataset,
      verb: 'rollback',
      arguments: [
        ...(target.told ?? [
          transaction?.id ?? ('snapshot' in from ? `${from.tree}@${from.snapshot}` : from.aside),
        ]),
      ],
      pid: process.pid,
      started: Date.now(),
      version,
      restart: ran,
      ran,
      target: target.before,
      ...('snapshot' in from ? { snapshot: from.snapshot } : {}),
      ...(exchange ? { aside: exchange.aside } : {}),
      ...('aside' in from ? { source: from.aside } : from.tree === dataset ? {} : { source: from.tree }),
      datasets,
      before: null,
    }),
  );
}

/** Gives the name under which what was there is set aside. */
async function carryOut(
  record: TransactionRecord,
  { jail, dataset, datasets }: Subject,
  { from, transaction }: Target,
  { exchange, spent }: RollbackPlan,
): Promise<string | null> {
  const known = 'snapshot' in from && from.tree === dataset ? transaction?.before : undefined;
  const reversal: Reversal = {
    root: jail.root,
    members: datasets,
    snapshot: 'snapshot' in from ? from.snapshot : '',
    spent,
    mounted: [],
    ownChange: undefined,
    packages: known ?? undefined,
  };
  if (!exchange) return revertOrSetAside(record, dataset, reversal);
  await revert(record.run, { ...reversal, exchange });
  return exchange.aside;
}

/** The trees are left as they were where the first of them could not be unmounted. */
function nothingChanged(error: unknown): boolean {
  return error instanceof JtxError && error.code === 'root-busy';
}

function reasonOf(error: unknown): { code: string; message: string; hint: string | null } {
  if (error instanceof JtxError)
    return { code: error.code, message: error.message, hint: error.hint ?? null };
  return { code: 'unexpected', message: error instanceof Error ? error.message : String(error), hint: null };
}
