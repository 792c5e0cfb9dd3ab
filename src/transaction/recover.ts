import { JtxError } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { listRunning } from '../jail/running.ts';
import { removeThrowAwayJail, throwAwayName } from '../jail/throw-away.ts';
import type { TransactionRow } from '../journal/rows.ts';
import { asideName } from '../zfs/aside.ts';
import { listTree } from '../zfs/dataset.ts';
import { describeSnapshots } from '../zfs/snapshot.ts';
import type { Context } from './context.ts';
import { destroyAside } from './destroy-aside.ts';
import type { Ending, EndState } from './ending.ts';
import type { Exchange } from './exchange-plan.ts';
import { lockDirectory } from './lock-directory.ts';
import { endLeftovers } from './processes.ts';
import { TransactionRecord } from './record.ts';
import { planRecovery, type Recovery } from './recovery-plan.ts';
import { removeRehearsal } from './rehearsal.ts';
import { revert } from './revert.ts';
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
 * caller. Throws `jail-stuck` where a person is needed.
 */
export async function recoverUnsettled(context: Context, jail: string, root: string): Promise<void> {
  const endings = await recoverEach(context, root);
  const stuck = endings.find((ending) => ending.state === 'stuck');
  if (!stuck) return;
  throw new JtxError({
    code: 'jail-stuck',
    outcome: 'stuck',
    message: `transaction ${stuck.id} of ${jail} is stuck: ${stuck.message ?? ''}`,
    state: 'Nothing was changed by this run; nothing has been destroyed.',
    hint: stuck.hint ?? `jtx show ${stuck.id}`,
  });
}

async function recoverEach(context: Context, root: string): Promise<Ending[]> {
  const endings: Ending[] = [];
  for (const row of context.journal.unsettledOf(root)) endings.push(await recoverOne(context, row));
  return endings;
}

async function recoverOne(context: Context, row: TransactionRow): Promise<Ending> {
  const record = new TransactionRecord(context.journal, row.id);
  context.progress.step('recovering', `${row.id} (${row.verb} of ${row.jail})`);
  try {
    await endLeftovers(record.run, context.journal.inFlight(row.id), scratchPath(row.id));
    await removeThrowAwayJail(record.run, throwAwayName(row.id));
    const steps = context.journal.steps(row.id);
    const step = steps.at(-1)?.name;
    const rehearsed = steps.some(({ name }) => name === 'rehearse');
    if (rehearsed && (row.state === 'open' || row.state === 'stuck')) await removeRehearsal(record, row);
    const exchanging = row.aside !== null && step === 'revert';
    const plan = planRecovery({
      verb: row.verb,
      state: row.state,
      step,
      snapshots: exchanging ? 'none' : await remainingSnapshots(record, row),
      exchanging,
    });
    await requireStopped(record, row, plan);
    const state = await carryOut(record, row, plan, context);
    return await conclude(context, record, row, state);
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
    const failure = { code: error.code, message: error.message, hint: error.hint ?? null };
    context.journal.end(row.id, 'stuck', failure, Date.now());
    return endingOf(row, 'stuck', failure, []);
  }
}

async function remainingSnapshots(
  record: TransactionRecord,
  row: TransactionRow,
): Promise<'all' | 'some' | 'none'> {
  if (row.snapshot === null) return 'none';
  const wanted = row.datasets.map((member) => `${member.name}@${row.snapshot}`);
  const present = new Set((await listTree(record.run, row.dataset)).map((dataset) => dataset.name));
  const found = await describeSnapshots(
    record.run,
    wanted.filter((name) => present.has(name.split('@')[0] ?? name)),
  );
  if (found.length === wanted.length) return 'all';
  return found.length === 0 ? 'none' : 'some';
}

/** A jail that was started since would lose what it wrote: nothing is reverted under it. Throws `jail-running`. */
async function requireStopped(record: TransactionRecord, row: TransactionRow, plan: Recovery): Promise<void> {
  if (plan !== 'revert' && plan !== 'finish-rollback') return;
  const running = (await listRunning(record.run)).find((jail) => jail.path === row.root && !jail.dying);
  if (!running) return;
  throw new JtxError({
    code: 'jail-running',
    outcome: 'stuck',
    message: `jail ${running.name} runs on half-done software, and going back would lose what it wrote since`,
    hint: `service jail onestop ${running.name} && jtx recover`,
  });
}

async function carryOut(
  record: TransactionRecord,
  row: TransactionRow,
  plan: Recovery,
  context: Context,
): Promise<EndState> {
  switch (plan) {
    case 'settle':
      return row.state === 'open' ? 'rolled-back' : row.state;
    case 'close':
      return 'rolled-back';
    case 'stuck':
      throw new JtxError({
        code: 'snapshot-missing',
        outcome: 'stuck',
        message: `the snapshots @${row.snapshot ?? ''} that ${row.jail} has to go back to are not all there any more`,
        hint: `zfs list -t snapshot -r ${row.dataset}; jtx show ${row.id}`,
      });
    case 'finish-drop':
      await destroyAside(record, context.journal, row.aside ?? '', row.source ?? undefined);
      return 'committed';
    case 'revert':
    case 'finish-rollback':
      record.write((journal) => journal.enter(row.id, 'revert'));
      await revert(record.run, {
        root: row.root,
        members: row.datasets,
        snapshot: row.snapshot ?? '',
        devfs: context.journal.commands(row.id).some((command) => command.command.includes('devfs')),
        ownChange: plan === 'revert' ? row.id : undefined,
        packages: plan === 'revert' ? (row.before ?? undefined) : undefined,
        exchange: exchangeOf(row),
      });
      return plan === 'revert' ? 'rolled-back' : 'committed';
  }
}

/** The exchange that had begun, or had been decided on. */
function exchangeOf({ dataset, aside, source, snapshot, datasets }: TransactionRow): Exchange | undefined {
  if (aside === null) return undefined;
  const incoming = snapshot === null ? { aside: source ?? dataset } : { snapshot, tree: source ?? aside };
  return { dataset, aside, incoming, members: datasets };
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
  if (!already) context.journal.end(row.id, state, failure, Date.now());
  const isRollback = row.verb === 'rollback';
  if (isRollback && state === 'committed' && row.target !== null) context.journal.undone(row.target, row.id);
  const warnings = await settle(record, {
    jail: row.jail,
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

function endingOf(
  row: TransactionRow,
  state: EndState,
  failure: { code: string | null; message: string | null; hint: string | null },
  warnings: string[],
): Ending {
  return {
    id: row.id,
    jail: row.jail,
    verb: row.verb,
    state,
    ...failure,
    signal: null,
    plan: null,
    changes: [],
    verifications: [],
    snapshot: state === 'committed' && row.snapshot !== null ? `${row.dataset}@${row.snapshot}` : null,
    aside: row.aside,
    warnings,
  };
}
