import { refused } from '../error.ts';
import type { Stored } from '../zfs/inventory.ts';
import type { Copy } from './copy.ts';
import { backupOf, copyName, retiredName } from './names.ts';

/** What to do where two hosts have the same place. */
export const ownPlace = 'Give each host a place of its own on the target.';

/**
 * Whether a dataset can go on from a target's copy that was made under another name of its host: by that a host that has got
 * another name knows its own, and one on which a jail was restored takes over what the first has left. Of the jail's own
 * dataset its newest backup must be known here. An older one is known to every host that ever restored the jail, also while
 * the first goes on. A child may have come further than the last complete backup. Pure.
 */
export function canTakeOver({ path, points }: Copy, source: Stored): boolean {
  const newest = points.findLast(({ snapshot }) => backupOf(snapshot) !== undefined);
  const decisive = path === '' ? points.filter((point) => point === newest) : points;
  return decisive.some(({ guid }) => source.points.some((point) => point.guid === guid));
}

/** Why a copy cannot be gone on from that another host has made of a jail of its own; undefined where none has. Pure. */
export function whoseElse(copy: Copy, source: Stored, host: string): string | undefined {
  if (copy.host === host || canTakeOver(copy, source)) return undefined;
  return `${copy.name} is the backup that ${copy.host} makes of a jail ${copy.jail} of its own`;
}

/**
 * Throws `target-blocked` where {@link whoseElse} is another host. `backup` is the one that is made: copies that are named
 * as no more the jail's from it on are in nobody's way.
 */
export function requireOwn(copy: Copy, source: Stored, host: string, backup: string): void {
  const blocked = whoseElse(copy, source, host);
  if (blocked === undefined) return;
  const { name, jail } = copy;
  throw refused(
    'target-blocked',
    blocked,
    [
      ownPlace,
      `If ${copy.host} makes none there any more, or was the name of this host: rename what it has there, ${name} to ${retiredName(name, backup)}, and each ${copyName(jail, '/')}* in the same way. It can still be restored, and the next backup begins anew.`,
    ].join('\n'),
  );
}
