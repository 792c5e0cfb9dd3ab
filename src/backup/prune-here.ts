import { JtxError } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { lockDirectory } from '../transaction/lock-directory.ts';
import { destroySeveral } from '../zfs/destroy-snapshots.ts';
import { splitSnapshot, transactionOfSnapshot } from '../zfs/names.ts';
import type { Abilities } from '../zfs/send.ts';
import { planSource, type SourcePlan, type SourceState } from './prune-source.ts';
import { type PrunedSeries, withRefusals } from './pruned.ts';
import type { Verdict } from './verdict.ts';

/** A jail whose snapshots on this host are decided on. */
export interface PrunedJail {
  name: string;
  /** What the journal says in it is read anew each time that it is asked. */
  state: SourceState;
}

/** What becomes of a jail's snapshots on its host. */
export function plannedHere(context: Context, { name, state }: PrunedJail, now: number): PrunedSeries[] {
  return seriesOf(name, planSource(state, context.config.retention, now));
}

/**
 * Destroys what a jail's retention lets go on its host, while no change of it can begin. What zfs(8) has to say since
 * the jail was looked at is not lost: it destroys nothing that is held or cloned. Throws `jail-busy`, `command-failed`.
 */
export async function pruneHere(
  context: Context,
  abilities: Abilities,
  jail: PrunedJail,
  now: number,
): Promise<PrunedSeries[]> {
  const { kept, series } = await underLock(context, jail, async () => {
    const planned = plannedHere(context, jail, now);
    const going = planned.flatMap(({ points }) => points.filter(({ goes }) => goes));
    return { kept: await destroyPoints(context, abilities, jail, going), series: planned };
  });
  return series.map((one) => ({
    ...one,
    points: withRefusals(one.points, ({ snapshots }) =>
      snapshots.map((name) => kept.get(name)).find((why) => why !== undefined),
    ),
  }));
}

/** Runs something while no change of a jail can begin. Throws `jail-busy`. */
export async function underLock<T>(
  context: Context,
  { name, state }: PrunedJail,
  action: () => Promise<T>,
): Promise<T> {
  const lock = lockRoot(lockDirectory(context.config), state.root, name);
  try {
    return await action();
  } finally {
    lock.release();
  }
}

/**
 * Destroys all snapshots of some points; the jail's lock is held. One command a dataset, the jail's own first: what is
 * cut off then is no state to go back to any more, and goes the next time. The journal knows it before, where it can be
 * written. Gives the snapshots that stay, and why.
 */
export async function destroyPoints(
  context: Pick<Context, 'journal' | 'progress' | 'interrupt'>,
  abilities: Abilities,
  { state }: PrunedJail,
  points: readonly Pick<Verdict, 'snapshots'>[],
): Promise<Map<string, string>> {
  const all = points.flatMap(({ snapshots }) => snapshots.map(splitSnapshot));
  const kept = new Map<string, string>();
  const top = state.tree[0]?.name;
  const states = all.filter(({ dataset }) => dataset === top).map(({ snapshot }) => snapshot);
  noteGone(context, states, Date.now());
  for (const { name } of state.tree) {
    const names = all.filter(({ dataset }) => dataset === name).map(({ snapshot }) => snapshot);
    const stays = context.interrupt.aborted
      ? new Map(names.map((snapshot) => [snapshot, 'interrupted']))
      : await destroySeveral(runCommand, abilities, name, names);
    for (const [snapshot, why] of stays) kept.set(`${name}@${snapshot}`, why);
    if (name === top) noteGone(context, [...stays.keys()], null);
  }
  return kept;
}

/** Notes when transactions' snapshots go; null: they stay after all. Without a note they go all the same. */
function noteGone(
  { journal, progress }: Pick<Context, 'journal' | 'progress'>,
  names: readonly string[],
  at: number | null,
): void {
  const snapshots = names.flatMap((name) => transactionOfSnapshot(name) ?? []);
  if (snapshots.length === 0) return;
  try {
    journal.recordGone({ snapshots, asides: [] }, at);
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
    if (at !== null) progress.note(`${error.message}: jtx doctor will miss the snapshots that go now`);
  }
}

/** Whether a change of the jail is under way: its time will come. */
export function isBusy(error: unknown): boolean {
  return error instanceof JtxError && error.outcome === 'busy';
}

function seriesOf(jail: string, { transactions, backups, foreign }: SourcePlan): PrunedSeries[] {
  const here = { jail, target: null, besides: [] };
  return [
    { ...here, kind: 'transactions', points: transactions, foreign },
    { ...here, kind: 'backups', points: backups, foreign: [] },
  ];
}
