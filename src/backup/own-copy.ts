import { refused } from '../error.ts';
import type { Stored } from '../zfs/inventory.ts';
import type { Copy } from './copy.ts';

/** Whether a target's copy and a dataset have a state in common: by that a host that has got another name knows its own. Pure. */
export function isRelated({ points }: Copy, source: Stored): boolean {
  return points.some(({ guid }) => source.points.some((point) => point.guid === guid));
}

/** Why a copy cannot be gone on from that another host has made of a jail of its own; undefined where none has. Pure. */
export function whoseElse(
  copy: Copy,
  source: Stored,
  host: string,
): { why: string; hint: string } | undefined {
  if (copy.host === host || isRelated(copy, source)) return undefined;
  return {
    why: `${copy.name} is the backup that ${copy.host} makes of a jail ${copy.jail} of its own`,
    hint: 'Give each host a place of its own on the target.',
  };
}

/** Throws `target-blocked` where {@link whoseElse} is another host. */
export function requireOwn(copy: Copy, source: Stored, host: string): void {
  const blocked = whoseElse(copy, source, host);
  if (blocked) throw refused('target-blocked', blocked.why, blocked.hint);
}
