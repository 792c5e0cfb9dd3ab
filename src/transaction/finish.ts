import type { Config } from '../config/settings.ts';
import { JtxError } from '../error.ts';
import type { Run } from '../host/run.ts';
import { listConfigured } from '../jail/configured.ts';
import { unmountedByStop } from '../jail/find.ts';
import type { FstabEntry } from '../jail/fstab.ts';
import type { ManagedJail } from '../jail/manager.ts';
import { listRunning } from '../jail/running.ts';
import type { EndState, TransactionRow } from '../journal/rows.ts';
import { listAll } from '../zfs/dataset.ts';
import { asideName, isWithin, poolOf } from '../zfs/names.ts';
import { listOrigins, listPoints } from '../zfs/newer.ts';
import type { Context } from './context.ts';
import { destroyAside } from './destroy-aside.ts';
import type { Exchange } from './exchange-plan.ts';
import { judgeInPlace } from './in-place.ts';
import { requireUnused } from './in-use.ts';
import { stillMounted } from './own-mounts.ts';
import type { TransactionRecord } from './record.ts';
import type { Recovery } from './recovery-plan.ts';
import { type Reversal, revert } from './revert.ts';
import { removeScratch, scratchPath } from './scratch.ts';
import { revertOrSetAside } from './set-aside.ts';
import { stopToSetAside } from './stop-to-set-aside.ts';

/** A transaction that a crash left. */
export interface Unfinished extends TransactionRow {
  /** The jail went on running during it. */
  live: boolean;
}

/** What became of it. */
export interface Finish {
  state: EndState;
  aside: string | null;
  /** The jail ran before, or was found running, and has to run again. */
  restart: boolean;
  /** What a person should know of it. */
  notes?: string[];
}

/** Carries out what recovery has decided. Throws {@link JtxError} where a person is needed. */
export async function finish(
  context: Context,
  record: TransactionRecord,
  row: Unfinished,
  plan: Recovery,
): Promise<Finish> {
  const { aside, restart } = row;
  switch (plan) {
    case 'settle':
      return { state: row.state === 'open' ? 'rolled-back' : row.state, aside, restart };
    case 'close':
      // What was to be set aside never was.
      if (aside !== null) record.write((journal) => journal.setAside(row.id, null));
      return { state: 'rolled-back', aside: null, restart };
    case 'tidy': {
      const notes = removeScratch(row.root, scratchPath(row.id));
      return { state: 'rolled-back', aside, restart, notes };
    }
    case 'stuck':
      throw new JtxError({
        code: 'snapshot-missing',
        outcome: 'stuck',
        message: `the snapshots @${row.snapshot ?? ''} that ${row.jail} has to go back to are not all there any more`,
        hint: `zfs list -t snapshot -r ${row.dataset}; jtx show ${row.id}`,
      });
    case 'finish-drop':
      await destroyAside(record, context.journal, aside ?? '', row.source ?? undefined);
      return { state: 'committed', aside, restart };
    case 'revert':
    case 'finish-rollback':
      return goBack(context, record, row, plan);
  }
}

/** Who keeps the jail of a transaction. */
export async function managedJail(run: Run, config: Config, row: TransactionRow): Promise<KeptJail> {
  const { jail: name, root } = row;
  const { configured, broken } = await listConfigured(run, config.jailConf);
  const entry = configured.find((jail) => jail.name === name);
  return {
    name,
    root,
    configured: entry !== undefined,
    broken: broken.find((jail) => jail.name === name)?.error,
    unmounted: unmountedByStop(config, root, entry),
  };
}

/** The jail of a transaction, and what its stop unmounts where that is known. */
interface KeptJail extends ManagedJail {
  unmounted: FstabEntry[] | undefined;
}

async function goBack(
  context: Context,
  record: TransactionRecord,
  row: Unfinished,
  plan: 'revert' | 'finish-rollback',
): Promise<Finish> {
  const running = (await listRunning(record.run)).find((jail) => jail.path === row.root && !jail.dying);
  record.write((journal) => journal.enter(row.id, 'revert'));
  // What the jail wrote since, beside the change, is not thrown away.
  const aside = row.aside ?? (running || row.live ? asideName(row.dataset, row.id) : null);
  if (aside !== row.aside) record.write((journal) => journal.setAside(row.id, aside));
  const reversal: Reversal = {
    root: row.root,
    members: row.datasets,
    snapshot: row.snapshot ?? '',
    spent: plan === 'finish-rollback' && aside === null ? await spentOf(record, row) : [],
    mounted: stillMounted(context.journal.commands(row.id), row.root),
    ownSince: plan === 'revert' && aside === null ? row.started : undefined,
    packages: plan === 'revert' ? (row.before ?? undefined) : undefined,
    progress: context.progress,
  };
  const state = plan === 'revert' ? 'rolled-back' : 'committed';
  const again = row.restart || running !== undefined;
  if (aside === null)
    return { state, aside: await revertOrSetAside(record, row.dataset, reversal), restart: again };
  const goAside = (): Promise<string[]> =>
    revert(record.run, { ...reversal, exchange: exchangeOf(row, aside) });
  if (running)
    return { state, aside, restart: again, notes: await stopBefore(context, record, row, goAside) };
  await goAside();
  return { state, aside, restart: again };
}

/** Of a jail that runs: not where it is seen before that it would be stopped in vain. Gives what a person should know. */
async function stopBefore(
  context: Context,
  record: TransactionRecord,
  row: Unfinished,
  goAside: () => Promise<string[]>,
): Promise<string[]> {
  const jail = await managedJail(record.run, context.config, row);
  // As they are now: somebody may have set a mount point since.
  const datasets = (await listAll(record.run)).filter(({ name }) => isWithin(name, row.dataset));
  const tree = { root: row.root, datasets, unmounted: jail.unmounted };
  await requireUnused(record.run, tree, `it cannot be set aside, and ${jail.name} was not stopped for it`);
  const notes: string[] = [];
  await stopToSetAside(context, record, jail, { notes, patience: 0 }, goAside);
  return notes;
}

async function spentOf(record: TransactionRecord, row: TransactionRow): Promise<string[]> {
  const points = await listPoints(record.run, row.dataset);
  const origins = await listOrigins(record.run, poolOf(row.dataset));
  return judgeInPlace(row.datasets, row.snapshot ?? '', points, origins).spent;
}

function exchangeOf({ dataset, source, snapshot, datasets }: TransactionRow, aside: string): Exchange {
  const incoming = snapshot === null ? { aside: source ?? dataset } : { snapshot, tree: source ?? aside };
  return { dataset, aside, incoming, members: datasets };
}
