import { JtxError } from '../error.ts';
import { runCommand } from '../host/run.ts';
import { version } from '../version.ts';
import { concludeRollback } from './conclude-rollback.ts';
import type { Context } from './context.ts';
import { stopWithDependents } from './dependents.ts';
import type { Ending } from './ending.ts';
import { requireUnused, treeOf } from './in-use.ts';
import { requireQuiet } from './processes.ts';
import { reasonOf } from './reason.ts';
import { TransactionRecord } from './record.ts';
import { type Reversal, revert } from './revert.ts';
import { ending, stuck, unrecorded } from './rollback-ending.ts';
import type { RollbackPlan } from './rollback-plan.ts';
import type { Target } from './rollback-target.ts';
import { requireGoing } from './session.ts';
import { revertOrSetAside } from './set-aside.ts';
import { settle } from './settle.ts';
import type { Subject } from './subject.ts';

/**
 * Carries a rollback out that was planned: stops the jail, reverts it, starts it again, each written down before. Gives
 * how it ended; throws {@link JtxError} where nothing was reverted.
 */
export async function goBack(
  context: Context,
  subject: Subject,
  target: Target,
  plan: RollbackPlan,
  id: string,
): Promise<Ending> {
  const record = new TransactionRecord(context.journal, id);
  try {
    return await goBackAs(record, context, subject, target, plan);
  } finally {
    record.release();
  }
}

async function goBackAs(
  record: TransactionRecord,
  context: Context,
  subject: Subject,
  target: Target,
  plan: RollbackPlan,
): Promise<Ending> {
  const { id } = record;
  const { jail, dataset, datasets } = subject;
  const restart = jail.running !== undefined;
  if (plan.exchange) await requireUnused(runCommand, treeOf(jail, datasets), 'it cannot be set aside');
  begin(record, subject, target, plan);
  context.progress.step('started', id);
  const settlement = {
    jail,
    dataset,
    snapshot: null,
    mounted: [],
    keep: null,
    aside: null,
    restart,
    spent: null,
    cloneLeft: false,
  };
  let reverting = false;
  let aside: string | null;
  try {
    if (jail.running) {
      record.write((journal) => journal.enter(id, 'stop'));
      context.progress.step('stopping', jail.name);
      await stopWithDependents(context, record, jail, { notes: plan.notes, patience: 0 });
    }
    await requireQuiet(record.run, subject);
    requireGoing(context);
    // The point of no return: from here on a rollback can only be finished.
    record.write((journal) => journal.enter(id, 'revert'));
    record.forgive();
    reverting = true;
    context.progress.step('rolling back', target.words);
    aside = await carryOut(context, record, subject, target, plan);
  } catch (error) {
    record.forgive();
    if (reverting && !nothingChanged(plan, error)) return stuck(record, subject, target, plan, error);
    const reason = reasonOf(error);
    record.write((journal) => {
      journal.end(id, 'refused', reason, Date.now());
      journal.setAside(id, null);
    });
    const unsettled = await settle(record, context.config, settlement);
    if (unsettled.length === 0 || !(error instanceof JtxError)) throw error;
    throw stoppedInVain(reason.message, unsettled);
  }
  const recorded = record.write((journal) => {
    concludeRollback(journal, id, jail.root, Date.now());
    return true;
  });
  if (!recorded) {
    // Recovery does it all again: in place it would take away what the jail writes from here on. That something was set
    // aside instead, the journal may not know either.
    const again = { ...settlement, aside, restart: restart && plan.exchange !== undefined };
    const warnings = await settle(record, context.config, again);
    return unrecorded(
      { ...ending(subject, target, plan, { id, state: 'stuck' }), aside, warnings },
      record.lost,
    );
  }
  const { from } = target;
  const warnings = await settle(record, context.config, {
    ...settlement,
    aside,
    spent: aside === null && 'snapshot' in from ? from.snapshot : null,
  });
  const hint = warnings.length > 0 ? 'jtx recover' : null;
  return { ...ending(subject, target, plan, { id, state: 'committed' }), hint, aside, warnings };
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
  { progress }: Context,
  record: TransactionRecord,
  { jail, dataset, datasets }: Subject,
  { from, transaction }: Target,
  { exchange, spent, notes }: RollbackPlan,
): Promise<string | null> {
  const known = 'snapshot' in from && from.tree === dataset ? transaction?.before : undefined;
  const reversal: Reversal = {
    root: jail.root,
    members: datasets,
    snapshot: 'snapshot' in from ? from.snapshot : '',
    spent,
    mounted: [],
    ownSince: undefined,
    packages: known ?? undefined,
    progress,
  };
  if (!exchange) return revertOrSetAside(record, dataset, reversal);
  notes.push(...(await revert(record.run, { ...reversal, exchange })));
  return exchange.aside;
}

/**
 * The trees are left as they were where the first of them could not be unmounted; but where they were to go back in place
 * first, some may have.
 */
function nothingChanged({ exchange }: RollbackPlan, error: unknown): boolean {
  return exchange !== undefined && error instanceof JtxError && error.code === 'root-busy';
}

/** Of a jail that was stopped for what was then refused, and does not start, it cannot be said that nothing was changed. */
function stoppedInVain(message: string, unsettled: readonly string[]): JtxError {
  return new JtxError({
    code: 'jail-not-started',
    outcome: 'stuck',
    message: [message, ...unsettled].join('; '),
    state: 'Nothing went back.',
    hint: 'jtx recover starts it',
  });
}
