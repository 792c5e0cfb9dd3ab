import { type Floor, floorOf } from '../config/retention.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { poolOf } from '../zfs/names.ts';
import { roomOf } from '../zfs/room.ts';
import type { Abilities } from '../zfs/send.ts';
import { destroyPoints, isBusy, type PrunedJail, plannedHere, underLock } from './prune-here.ts';
import type { PrunedPool } from './pruned.ts';

/** A point that may go for the sake of room. */
interface Expendable {
  jail: PrunedJail;
  kind: string;
  id: string;
}

/**
 * Sees to it that the pools of some jails have the room that is to stay free: what only the policy keeps goes, oldest
 * first, one at a time, until there is enough. Only looks where `planOnly`. Throws `command-failed`.
 */
export async function seeToRoom(
  context: Context,
  abilities: Abilities,
  jails: readonly PrunedJail[],
  floor: Floor,
  planOnly: boolean,
  now: number,
): Promise<PrunedPool[]> {
  const pools = new Set(jails.flatMap(({ state }) => state.tree.slice(0, 1).map(({ name }) => poolOf(name))));
  const found: PrunedPool[] = [];
  for (const pool of pools) {
    const here = jails.filter(({ state }) => poolOf(state.tree[0]?.name ?? '') === pool);
    const measured = await measure(abilities, pool, floor);
    const order = measured.free < measured.floor ? inOrder(context, here, now) : [];
    if (planOnly) {
      found.push({ ...measured, expended: order.flatMap((one) => snapshotsOf(context, one, now)) });
      continue;
    }
    found.push(await expend(context, abilities, measured, order, floor, now));
  }
  return found;
}

async function measure(abilities: Abilities, pool: string, floor: Floor): Promise<PrunedPool> {
  const { free, size } = await roomOf(runCommand, abilities, pool);
  return { pool, free, floor: floorOf(floor, size), expended: [] };
}

async function expend(
  context: Context,
  abilities: Abilities,
  measured: PrunedPool,
  order: readonly Expendable[],
  floor: Floor,
  now: number,
): Promise<PrunedPool> {
  const expended: string[] = [];
  let last = measured;
  for (const one of order) {
    if (last.free >= last.floor || context.interrupt.aborted) break;
    expended.push(...(await destroyOne(context, abilities, one, now)));
    last = await measure(abilities, measured.pool, floor);
  }
  return { ...last, expended };
}

/** Gives what was destroyed: nothing where the jail is busy, or needs it now. */
async function destroyOne(
  context: Context,
  abilities: Abilities,
  one: Expendable,
  now: number,
): Promise<string[]> {
  try {
    return await underLock(context, one.jail, async () => {
      const snapshots = snapshotsOf(context, one, now);
      const kept = await destroyPoints(context, abilities, one.jail, [{ snapshots }]);
      return snapshots.filter((name) => !kept.has(name));
    });
  } catch (error) {
    if (isBusy(error)) return [];
    throw error;
  }
}

/** Of all jails together, the oldest first. */
function inOrder(context: Context, jails: readonly PrunedJail[], now: number): Expendable[] {
  return jails
    .flatMap((jail) =>
      plannedHere(context, jail, now).flatMap(({ kind, points }) =>
        points.filter(({ expendable }) => expendable).map(({ id, time }) => ({ jail, kind, id, time })),
      ),
    )
    .sort((one, other) => one.time - other.time || (one.id < other.id ? -1 : 1));
}

/** Its snapshots, if it still may go. */
function snapshotsOf(context: Context, { jail, kind, id }: Expendable, now: number): readonly string[] {
  const points = plannedHere(context, jail, now).find((series) => series.kind === kind)?.points;
  const point = points?.find((one) => one.id === id);
  return point?.expendable ? point.snapshots : [];
}
