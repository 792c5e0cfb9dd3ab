import type { Member } from '../journal/rows.ts';
import type { Point } from '../zfs/newer.ts';

/** Whether a tree can go back in place, and what that would destroy. */
export interface InPlace {
  /** What stands against it: nothing of this may be destroyed. Empty where it can. */
  obstacles: string[];
  /** jtx's own newer snapshots, which would have to go first, newest first. */
  spent: string[];
}

/**
 * Judges a rollback of a tree in place to the snapshots of one name. `origins` says which dataset is a clone of
 * which snapshot. Pure.
 */
export function judgeInPlace(
  members: readonly Member[],
  snapshot: string,
  points: readonly Point[],
  origins: ReadonlyMap<string, string>,
): InPlace {
  const clones = new Map([...origins].map(([clone, origin]) => [origin, clone]));
  const result: InPlace = { obstacles: [], spent: [] };
  for (const { name, reverted } of members) {
    if (!reverted) continue;
    const own = points.filter((point) => point.dataset === name);
    const at = own.find((point) => point.name === `${name}@${snapshot}`);
    if (!at) {
      result.obstacles.push(`${name}, which was made since`);
      continue;
    }
    for (const point of own.filter((other) => other.txg > at.txg).reverse()) {
      const clone = clones.get(point.name);
      if (clone !== undefined) result.obstacles.push(`${clone}, a clone of ${point.name}`);
      else if (!point.own) result.obstacles.push(point.name);
      else if (point.holds > 0) result.obstacles.push(`${point.name}, which is held`);
      else result.spent.push(point.name);
    }
  }
  return result;
}
