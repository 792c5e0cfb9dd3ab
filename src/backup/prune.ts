import { hostname } from 'node:os';
import { JtxError, refused } from '../error.ts';
import { runCommand } from '../host/run.ts';
import { isSameJail } from '../jail/manager.ts';
import { type Context, signalOf } from '../transaction/context.ts';
import { type Abilities, askAbilities } from '../zfs/send.ts';
import { earlierJails } from './earlier-jails.ts';
import { lockForPrune } from './lock-backups.ts';
import { choosePlaces } from './open-target.ts';
import type { CopiesRule } from './prune-copies.ts';
import { type PrunedJail, plannedHere, pruneHere } from './prune-here.ts';
import { strayBases } from './prune-notes.ts';
import { basesOf, jailsOf, type Reached, reach } from './prune-reach.ts';
import { seeToRoom } from './prune-room.ts';
import { findPruned } from './prune-subjects.ts';
import { plannedTarget, pruneTarget } from './prune-target.ts';
import type { PruneEnding } from './pruned.ts';

/** What a person asks to prune. */
export interface PruneRequest {
  /** Empty: all that are known here, and all of which a target has backups of this host. */
  jails: readonly string[];
  /** Empty: this host and all targets; else only these targets. */
  targets: readonly string[];
  planOnly: boolean;
}

/** A prune that is under way. */
interface Round {
  context: Context;
  request: PruneRequest;
  ending: PruneEnding;
  abilities: Abilities;
  now: number;
}

/**
 * Carries the retention out, on this host and on every target. What fails for one jail or target is told and does not stop
 * the others. Throws {@link JtxError} for what is refused before anything is done: `backup-running`, `restore-running`,
 * `jail-unknown`, `no-target`, `target-unknown`.
 */
export async function prune(context: Context, request: PruneRequest): Promise<PruneEnding> {
  const { planOnly, targets } = request;
  const { places } = context.config.backup;
  const chosen = targets.length > 0 ? choosePlaces(places, targets) : places;
  const lock = planOnly ? undefined : lockForPrune(context);
  const ending: PruneEnding = { planOnly, series: [], pools: [], failures: [], notes: [], signal: null };
  try {
    const abilities = await askAbilities(runCommand);
    const round: Round = { context, request, ending, abilities, now: Date.now() };
    const { reached, failed } = await reach(context.config, chosen, abilities, planOnly);
    for (const { place, error } of failed) fail(ending, null, place, error);
    const jails = targets.length > 0 ? [] : await findHere(round, reached);
    requireKnown(round, jails, reached);
    await here(round, jails);
    for (const one of reached) await there(round, one);
    return { ...ending, signal: signalOf(context) };
  } finally {
    lock?.release();
  }
}

/** The jails of this host. One that cannot have snapshots of jtx's, or is no more, is no failure. */
async function findHere(
  { context, request, ending }: Round,
  reached: readonly Reached[],
): Promise<PrunedJail[]> {
  const { transactions, backups, free } = context.config.retention;
  const configured = [transactions, backups, free].some((value) => value !== undefined);
  if (!configured && !request.planOnly && request.jails.length === 0) return [];
  const { jails, failed } = await findPruned(
    context,
    request.jails,
    earlierJails(context, reached),
    basesOf(reached),
  );
  for (const { jail, error } of failed) {
    const harmless = ['jail-unknown', 'root-not-dataset', 'root-is-host'].includes(error.code);
    if (harmless) ending.notes.push(`${jail}: ${error.message}`);
    else fail(ending, jail, null, error);
  }
  return jails;
}

/** A jail that is no more may still have backups: only one that is nowhere is a mistake. */
function requireKnown(
  { request, ending }: Round,
  jails: readonly PrunedJail[],
  reached: readonly Reached[],
): void {
  const told = (name: string): boolean =>
    jails.some((jail) => isSameJail(jail.state.root, jail.name, name)) ||
    ending.failures.some(({ jail, target }) => jail === name || (jail === null && target !== null)) ||
    reached.some(({ copies }) => jailsOf(copies, [name]).length > 0);
  const unknown = request.jails.find((name) => !told(name));
  if (unknown === undefined) return;
  const where = request.targets.length > 0 ? ` on ${request.targets.join(', ')}` : ', and no such jail';
  throw refused('jail-unknown', `there is no backup of ${unknown} by this host${where}`);
}

/** The snapshots on this host, and then its pools' room. */
async function here(
  { context, request, ending, abilities, now }: Round,
  jails: readonly PrunedJail[],
): Promise<void> {
  for (const jail of jails) {
    if (context.interrupt.aborted) return;
    try {
      context.progress.step(request.planOnly ? 'looking at' : 'pruning', jail.name);
      const series = request.planOnly
        ? plannedHere(context, jail, now)
        : await pruneHere(context, abilities, jail, now);
      ending.series.push(...series);
    } catch (error) {
      fail(ending, jail.name, null, error);
    }
  }
  const places = context.config.backup.places.map(({ name }) => name);
  ending.notes.push(...strayBases(jails, places));
  const { free } = context.config.retention;
  if (free === undefined) return;
  try {
    ending.pools.push(...(await seeToRoom(context, abilities, jails, free, request.planOnly, now)));
  } catch (error) {
    fail(ending, null, null, error);
  }
}

/** The backups on one target. */
async function there(
  { context, request, ending, now }: Round,
  { place, target, copies }: Reached,
): Promise<void> {
  if (place.keep === undefined && !request.planOnly) return;
  for (const jail of jailsOf(copies, request.jails)) {
    if (context.interrupt.aborted) return;
    const transactions = context.journal.committed(jail);
    const rule: CopiesRule = { jail, host: hostname(), retention: place.keep, transactions, now };
    try {
      context.progress.step(request.planOnly ? 'looking at' : 'pruning', `${jail} on ${place.name}`);
      const series = request.planOnly
        ? plannedTarget(place.name, copies, rule)
        : await pruneTarget(target, copies, rule, context.interrupt);
      ending.series.push(series);
    } catch (error) {
      fail(ending, jail, place.name, error);
    }
  }
}

function fail({ failures }: PruneEnding, jail: string | null, target: string | null, error: unknown): void {
  if (!(error instanceof JtxError)) throw error;
  failures.push({ jail, target, error });
}
