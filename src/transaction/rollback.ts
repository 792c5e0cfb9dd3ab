import { refused } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import { stopJail } from '../jail/control.ts';
import { findJail } from '../jail/find.ts';
import type { TransactionRow } from '../journal/rows.ts';
import { version } from '../version.ts';
import { snapshotName } from '../zfs/names.ts';
import type { Context } from './context.ts';
import type { Ending } from './ending.ts';
import { stuckReason } from './failure.ts';
import { newTransactionId } from './id.ts';
import { lockDirectory } from './lock-directory.ts';
import { hasDevfs, requireRoot } from './preflight.ts';
import { requireQuiet } from './processes.ts';
import { TransactionRecord } from './record.ts';
import { recoverUnsettled } from './recover.ts';
import { revert } from './revert.ts';
import { chooseTarget, type RollbackRequest, requireNewest } from './rollback-target.ts';
import { requireGoing } from './session.ts';
import { settle } from './settle.ts';
import { findSubject, requireIdle, type Subject } from './subject.ts';

/**
 * Undoes the newest committed transaction of a jail in place, as a transaction of its own. Its snapshot has
 * served then and goes, so that the one before it can be undone next.
 * Throws {@link JtxError} for whatever is refused before anything changes.
 */
export async function rollback(context: Context, request: RollbackRequest): Promise<Ending> {
  requireRoot();
  const jail = await findJail(runCommand, context.config, request.jail);
  const lock = lockRoot(lockDirectory(context.config), jail.root);
  try {
    await recoverUnsettled(context, jail.name, jail.root);
    const target = chooseTarget(context, jail.root, request);
    requireIdle(jail, request.stop);
    if (jail.running && !request.discard) {
      throw refused(
        'data-at-risk',
        `jail ${jail.name} was running, and what it wrote since ${target.id} would be lost`,
        'With --discard it is thrown away; back it up first if it matters.',
      );
    }
    const subject = await findSubject(runCommand, jail);
    await requireNewest(subject, target);
    requireGoing(context);
    if (request.planOnly) return planned(subject, target);
    return await goBack(context, subject, target);
  } finally {
    lock.release();
  }
}

function planned(subject: Subject, target: TransactionRow): Ending {
  return ending(subject, target, { id: target.id, state: 'unchanged', snapshot: null, warnings: [] });
}

async function goBack(context: Context, subject: Subject, target: TransactionRow): Promise<Ending> {
  const record = new TransactionRecord(context.journal, newTransactionId());
  const { jail, dataset } = subject;
  const snapshot = target.snapshot ?? snapshotName(target.id);
  const restart = jail.running !== undefined;
  record.write((journal) =>
    journal.begin({
      id: record.id,
      jail: jail.name,
      root: jail.root,
      dataset,
      verb: 'rollback',
      arguments: [target.id],
      pid: process.pid,
      started: Date.now(),
      version,
      restart,
      target: target.id,
      snapshot,
      datasets: subject.datasets,
      before: null,
    }),
  );
  context.progress.step('started', record.id);
  const settlement = { jail: jail.name, dataset, snapshot: null, restart };
  try {
    if (jail.running) {
      record.write((journal) => journal.enter(record.id, 'stop'));
      await stopJail(record.run, jail.running, jail.configured);
    }
    await requireQuiet(record.run, subject);
    requireGoing(context);
    // The point of no return: from here on a rollback can only be finished.
    record.write((journal) => journal.enter(record.id, 'revert'));
  } catch (error) {
    record.forgive();
    const message = error instanceof Error ? error.message : String(error);
    record.write((journal) =>
      journal.end(record.id, 'refused', { code: 'refused', message, hint: null }, Date.now()),
    );
    await settle(record, { ...settlement, keep: null, spent: null });
    throw error;
  }
  record.forgive();
  try {
    context.progress.step('rolling back', `${dataset}@${snapshot}`);
    await revert(record.run, {
      root: jail.root,
      members: subject.datasets,
      snapshot,
      devfs: hasDevfs(subject),
      ownChange: undefined,
      packages: target.before ?? undefined,
    });
  } catch (failure) {
    const none = { state: 'stuck', code: null, message: null, hint: null, signal: null } as const;
    const reason = stuckReason(none, failure);
    record.write((journal) => journal.end(record.id, 'stuck', reason, Date.now()));
    return {
      ...ending(subject, target, { id: record.id, state: 'stuck', snapshot, warnings: [] }),
      ...reason,
    };
  }
  const none = { code: null, message: null, hint: null };
  record.write((journal) => {
    journal.end(record.id, 'committed', none, Date.now());
    journal.undone(target.id, record.id);
  });
  const warnings = await settle(record, { ...settlement, keep: null, spent: snapshot });
  return ending(subject, target, { id: record.id, state: 'committed', snapshot: null, warnings });
}

function ending(
  subject: Subject,
  target: TransactionRow,
  what: Pick<Ending, 'id' | 'state' | 'snapshot' | 'warnings'>,
): Ending {
  const kept = subject.datasets.filter((dataset) => !dataset.reverted).map((dataset) => dataset.name);
  return {
    ...what,
    jail: subject.jail.name,
    verb: 'rollback',
    code: null,
    message: null,
    hint: null,
    signal: null,
    plan: [
      `${subject.dataset} goes back to what it was before ${target.verb} ${target.arguments.join(' ')} (${target.id}).`,
      ...kept.map((name) => `${name} stays as it is (jtx:rollback=off).`),
    ].join('\n'),
    changes: [],
    verifications: [],
    aside: null,
  };
}
