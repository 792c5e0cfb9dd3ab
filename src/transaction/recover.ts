import { JtxError } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { type Run, runCommand } from '../host/run.ts';
import { removeThrowAwayJail, throwAwayName } from '../jail/throw-away.ts';
import type { TransactionRow } from '../journal/rows.ts';
import { asideName, rehearsalName } from '../zfs/aside.ts';
import { listTree } from '../zfs/dataset.ts';
import { describeSnapshots } from '../zfs/snapshot.ts';
import { concludeRollback } from './conclude-rollback.ts';
import type { Context } from './context.ts';
import { type Ending, type EndState, plainEnding } from './ending.ts';
import { finish, managedJail } from './finish.ts';
import { lockDirectory } from './lock-directory.ts';
import { wroteMeanwhile } from './meanwhile.ts';
import { endLeftovers } from './processes.ts';
import { TransactionRecord } from './record.ts';
import { planRecovery, type Remains } from './recovery-plan.ts';
import { removeRehearsal } from './rehearsal.ts';
import { scratchPath } from './scratch.ts';
import { settle } from './settle.ts';

/**
 * Puts right every transaction that a crash, a power cut or a kill left, of whatever jail. A jail that another
 * jtx is changing at this moment is no leftover and is passed over.
 */
export async function recoverAll(context: Context): Promise<Ending[]> {
  const endings: Ending[] = [];
  for (const root of new Set(context.journal.unsettled().map((row) => row.root))) {
    try {
      const lock = lockRoot(lockDirectory(context.config), root);
      try {
        endings.push(...(await recoverEach(context, root)));
      } finally {
        lock.release();
      }
    } catch (error) {
      if (!(error instanceof JtxError && error.outcome === 'busy')) throw error;
      context.progress.note(`${root}: another change is running; left alone`);
    }
  }
  return endings;
}

/**
 * Puts right what is unfinished of one jail's root before anything else is done to it; its lock is held by the
 * caller. Gives whether there was something: the jail may have been stopped or started for it. Throws `jail-stuck`
 * where a person is needed.
 */
export async function recoverUnsettled(context: Context, jail: string, root: string): Promise<boolean> {
  const endings = await recoverEach(context, root);
  const stuck = endings.find(({ state, code }) => state === 'stuck' || code === stillAtWork);
  if (!stuck) return endings.length > 0;
  throw new JtxError({
    code: 'jail-stuck',
    outcome: 'stuck',
    message: `transaction ${stuck.id} of ${jail} is stuck: ${stuck.message ?? ''}`,
    state: 'Nothing was changed by this run; nothing has been destroyed.',
    hint: stuck.hint ?? `jtx show ${stuck.id}`,
  });
}

/** Commands of a dead jtx that do not end: nothing else may be done to the jail, whatever became of its transaction. */
const stillAtWork = 'processes-remain';

async function recoverEach(context: Context, root: string): Promise<Ending[]> {
  const endings: Ending[] = [];
  for (const row of context.journal.unsettledOf(root)) endings.push(await recoverOne(context, row));
  return endings;
}

async function recoverOne(context: Context, row: TransactionRow): Promise<Ending> {
  const record = new TransactionRecord(context.journal, row.id);
  context.progress.step('recovering', `${row.id} (${row.verb} of ${row.jail})`);
  try {
    return await putRight(context, record, await keepMeanwhile(context, record, row));
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
    const failure = { code: error.code, message: error.message, hint: error.hint ?? null };
    const { state, code, message, hint } = row;
    // An outcome that is durable stands: as stuck, what was committed would be taken back by the next recovery.
    if (state !== 'open' && state !== 'stuck') {
      const told = error.code === stillAtWork ? failure : { code, message, hint: failure.hint ?? hint };
      return endingOf(row, state, told, [error.message]);
    }
    // It may be the journal that failed: then it says no more than before.
    record.forgive();
    record.write((journal) => journal.end(row.id, 'stuck', failure, Date.now()));
    return endingOf(row, 'stuck', failure, []);
  }
}

async function putRight(context: Context, record: TransactionRecord, row: TransactionRow): Promise<Ending> {
  await endLeftovers(record.run, context.journal.inFlight(row.id), scratchPath(row.id));
  await removeThrowAwayJail(record.run, throwAwayName(row.id));
  const remains = await findRemains(context, record, row);
  const { state, aside, restart } = await finish(
    context,
    record,
    { ...row, live: remains.live },
    planRecovery(remains),
  );
  return conclude(context, record, { ...row, aside, restart }, state);
}

/**
 * Of what would go back in place, decides durably to set it aside where something may have been written to it since. Comes
 * before all else of recovery, of which the journal keeps when it was: a recovery that is cut off, or stuck, must not
 * make the next one overlook what was written before it.
 */
async function keepMeanwhile(
  context: Context,
  record: TransactionRecord,
  row: TransactionRow,
): Promise<TransactionRow> {
  const entered = context.journal.steps(row.id).map(({ name }) => name);
  if (!isUnfinished(row) || row.aside !== null || isLive(row, entered)) return row;
  if (row.verb === 'rollback' && entered.at(-1) !== 'revert') return row;
  if ((await remainingSnapshots(runCommand, row)) !== 'all') return row;
  if (!(await wroteMeanwhile(context.journal, row))) return row;
  const aside = asideName(row.dataset, row.id);
  record.write((journal) => journal.setAside(row.id, aside));
  return { ...row, aside };
}

function isUnfinished({ state }: TransactionRow): boolean {
  return state === 'open' || state === 'stuck';
}

/** Whether the jail went on running during a transaction that entered these steps. */
function isLive({ ran }: TransactionRow, entered: readonly string[]): boolean {
  return ran && !entered.includes('stop');
}

async function findRemains(
  context: Context,
  record: TransactionRecord,
  row: TransactionRow,
): Promise<Remains> {
  const { verb, state } = row;
  const entered = context.journal.steps(row.id).map(({ name }) => name);
  const unfinished = isUnfinished(row);
  if (entered.includes('rehearse') && unfinished) await removeRehearsal(record, row);
  const step = entered.at(-1);
  // A clone that was kept of a rehearsal is no exchange.
  const exchanging =
    step === 'revert' && row.aside !== null && row.aside !== rehearsalName(row.dataset, row.id);
  const snapshots = exchanging || !unfinished ? 'none' : await remainingSnapshots(record.run, row);
  const live = isLive(row, entered);
  return { verb, state, step, snapshots, exchanging, live };
}

async function remainingSnapshots(run: Run, row: TransactionRow): Promise<'all' | 'some' | 'none'> {
  if (row.snapshot === null) return 'none';
  const members = row.verb === 'rollback' ? row.datasets.filter(({ reverted }) => reverted) : row.datasets;
  const wanted = members.map((member) => `${member.name}@${row.snapshot}`);
  const present = new Set((await listTree(run, row.dataset)).map((dataset) => dataset.name));
  const found = await describeSnapshots(
    run,
    wanted.filter((name) => present.has(name.split('@')[0] ?? name)),
  );
  if (found.length === wanted.length) return 'all';
  return found.length === 0 ? 'none' : 'some';
}

async function conclude(
  context: Context,
  record: TransactionRecord,
  row: TransactionRow,
  state: EndState,
): Promise<Ending> {
  const already = row.state === state;
  const failure = already
    ? { code: row.code, message: row.message, hint: row.hint }
    : { code: 'recovered', message: 'jtx had ended before the transaction did', hint: null };
  const isRollback = row.verb === 'rollback';
  const jail = await managedJail(record.run, context.config, row);
  if (!already && isRollback && state === 'committed')
    concludeRollback(context.journal, row.id, row.root, Date.now());
  else if (!already) context.journal.end(row.id, state, failure, Date.now());
  record.forgive();
  const warnings = await settle(record, context.config, {
    jail,
    dataset: row.dataset,
    snapshot: isRollback ? null : row.snapshot,
    keep: keptAs(row, state),
    restart: row.restart,
    spent: isRollback && state === 'committed' && row.aside === null ? row.snapshot : null,
  });
  return endingOf(row, state, failure, warnings);
}

function keptAs({ aside, dataset, id }: TransactionRow, state: EndState): 'committed' | 'rolled-back' | null {
  if (state === 'committed') return 'committed';
  return aside === asideName(dataset, id) ? 'rolled-back' : null;
}

/** What recovery tells of a transaction that was begun by another run. */
export function endingOf(
  row: TransactionRow,
  state: EndState,
  failure: { code: string | null; message: string | null; hint: string | null },
  warnings: string[],
): Ending {
  const kept = state === 'committed' && row.snapshot !== null && row.verb !== 'rollback';
  const { id, jail, verb, dataset } = row;
  const { code, message, hint } = failure;
  return plainEnding({
    id,
    jail,
    verb,
    state,
    code,
    message,
    hint,
    snapshot: kept ? `${dataset}@${row.snapshot}` : null,
    aside: verb === 'drop' ? null : row.aside,
    warnings,
  });
}
