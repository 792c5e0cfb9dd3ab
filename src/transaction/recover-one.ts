import { JtxError } from '../error.ts';
import { removeThrowAwayJail, throwAwayName } from '../jail/throw-away.ts';
import type { Journal } from '../journal/journal.ts';
import type { EndState, TransactionRow } from '../journal/rows.ts';
import { asideName, rehearsalName } from '../zfs/names.ts';
import { concludeRollback } from './conclude-rollback.ts';
import type { Context } from './context.ts';
import { type Ending, endingOf, withNotes } from './ending.ts';
import { finish, managedJail } from './finish.ts';
import { keepMeanwhile } from './meanwhile.ts';
import { stillMounted } from './own-mounts.ts';
import { endLeftovers } from './processes.ts';
import { reasonOf } from './reason.ts';
import { TransactionRecord } from './record.ts';
import { planRecovery } from './recovery-plan.ts';
import { removeRehearsal } from './rehearsal.ts';
import { findRemains, isUnfinished } from './remains.ts';
import { scratchPath } from './scratch.ts';
import { settle } from './settle.ts';

/** Commands of a dead jtx that do not end: nothing else may be done to the jail, whatever became of its transaction. */
export const stillAtWork = 'processes-remain';

/** Whatever goes wrong with one is its own: a jail that can cause an error keeps no other from being put right. */
export async function recoverOne(
  context: Context,
  row: TransactionRow,
): Promise<{ ending: Ending; bug?: unknown }> {
  const record = new TransactionRecord(context.journal, row.id);
  context.progress.step('recovering', `${row.id} (${row.verb} of ${row.jail})`);
  try {
    return { ending: await putRight(context, record, await keepMeanwhile(record, context.journal, row)) };
  } catch (error) {
    const expected = error instanceof JtxError;
    const bug = expected ? {} : { bug: error };
    const reason = reasonOf(error);
    const failure = expected ? reason : { ...reason, hint: 'jtx recover tries it again' };
    const { state, code, message, hint } = row;
    // An outcome that is durable stands: as stuck, what was committed would be taken back by the next recovery.
    if (state !== 'open' && state !== 'stuck') {
      const told = failure.code === stillAtWork ? failure : { code, message, hint: failure.hint ?? hint };
      return { ending: endingOf(row, state, told, [failure.message]), ...bug };
    }
    // It may be the journal that failed: then it says no more than before.
    record.forgive();
    record.write((journal) => journal.end(row.id, 'stuck', failure, Date.now()));
    return { ending: endingOf(row, 'stuck', failure, []), ...bug };
  } finally {
    record.release();
  }
}

function stepsOf(journal: Journal, { id }: TransactionRow): string[] {
  return journal.steps(id).map(({ name }) => name);
}

async function putRight(context: Context, record: TransactionRecord, row: TransactionRow): Promise<Ending> {
  await endLeftovers(record.run, context.journal.inFlight(row.id), scratchPath(row.id));
  await removeThrowAwayJail(record.run, throwAwayName(row.id));
  const entered = stepsOf(context.journal, row);
  if (entered.includes('rehearse') && isUnfinished(row)) await takeCloneAway(record, row);
  const remains = await findRemains(record.run, row, entered);
  const { state, aside, restart, notes } = await finish(
    context,
    record,
    { ...row, live: remains.live },
    planRecovery(remains),
  );
  return withNotes(await conclude(context, record, { ...row, aside, restart }, state), notes ?? []);
}

/** What is busy is in nobody's way, and is tried again when the transaction is settled. */
async function takeCloneAway(record: TransactionRecord, row: TransactionRow): Promise<void> {
  try {
    await removeRehearsal(record, row);
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
  }
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
    mounted: stillMounted(context.journal.commands(row.id), row.root),
    keep: keptAs(row, state),
    aside: row.aside,
    restart: row.restart,
    spent: isRollback && state === 'committed' && row.aside === null ? row.snapshot : null,
    cloneLeft:
      stepsOf(context.journal, row).includes('rehearse') && row.aside !== rehearsalName(row.dataset, row.id),
  });
  return endingOf(row, state, failure, warnings);
}

function keptAs({ aside, dataset, id }: TransactionRow, state: EndState): 'committed' | 'rolled-back' | null {
  if (state === 'committed') return 'committed';
  return aside === asideName(dataset, id) ? 'rolled-back' : null;
}
