import type { Stored, StoredPoint } from '../zfs/inventory.ts';
import type { Copy } from './copy.ts';
import { backupOf } from './names.ts';
import { ownPlace, whoseElse } from './own-copy.ts';

/** How a dataset gets to a target. */
export type Sending =
  /** The target has it. */
  | { do: 'nothing' }
  /** A stream that was interrupted goes on. */
  | { do: 'resume'; token: string }
  | { do: 'full' }
  /** `base` begins with `@` or `#`. */
  | { do: 'increment'; base: string }
  /** The jail went back: the copy goes on from an older backup of its own, and what came after it stays aside. */
  | { do: 'fork'; from: string; base: string }
  /** The copy is a clone that a fork has left, which is not promoted yet. */
  | { do: 'promote' }
  /** There is no way on from what the target has: that stays under another name, and a full one takes its place. */
  | { do: 'anew' }
  | { do: 'refuse'; why: string; hint: string };

/** How a copy can be gone on from, in the order of preference. Pure. */
export function planSending(source: Stored, snapshot: string, copy: Copy | undefined, host: string): Sending {
  if (!copy) return { do: 'full' };
  const wanted = source.points.find((point) => !point.bookmark && point.name === snapshot);
  const newest = copy.points.at(-1);
  const blocked = whoseElse(copy, source, host);
  if (blocked !== undefined) return { do: 'refuse', why: blocked, hint: ownPlace };
  if (copy.token !== undefined) return { do: 'resume', token: copy.token };
  if (newest === undefined) return { do: 'promote' };
  if (newest.guid === wanted?.guid) return { do: 'nothing' };
  const older = source.points.filter((point) => wanted === undefined || point.txg < wanted.txg);
  const base = bestBase(older, newest.guid);
  if (base) return { do: 'increment', base };
  const foreign = copy.points.findLast((point) => backupOf(point.snapshot) === undefined);
  const common = copy.points.findLast((point) => bestBase(older, point.guid) !== undefined);
  const from = common && bestBase(older, common.guid);
  if (foreign === newest) {
    return {
      do: 'refuse',
      why: `${copy.name}@${newest.snapshot}, which jtx did not make, is newer than the last backup`,
      hint: `Destroy it on the target, or give it another place: it stands in the way.`,
    };
  }
  if (common && from) return { do: 'fork', from: common.snapshot, base: from };
  return { do: 'anew' };
}

/** A snapshot is preferred to a bookmark of it. */
function bestBase(points: readonly StoredPoint[], guid: string): string | undefined {
  const same = points.filter((point) => point.guid === guid);
  const best = same.find((point) => !point.bookmark) ?? same[0];
  return best && `${best.bookmark ? '#' : '@'}${best.name}`;
}

/**
 * Whether a target has a dataset as it is now, or as it was at a snapshot. Where zfs(8) cannot tell what was written it
 * counts as changed. Pure.
 */
export function isCurrent(source: Stored, copy: Copy | undefined, snapshot?: string): boolean {
  const newest = copy?.points.findLast((point) => backupOf(point.snapshot) !== undefined);
  if (!newest || newest.broken || copy?.token !== undefined || copy?.gone !== undefined) return false;
  // From a clock that was set back: what is the newest by its name would be taken for it.
  const name = backupOf(newest.snapshot) ?? '';
  if (copy?.points.some((point) => (backupOf(point.snapshot) ?? '') > name)) return false;
  const wanted = snapshot === undefined ? undefined : backupOf(snapshot);
  // From a clock that ran ahead: by its name it would be no part of what is to be sent.
  if (wanted !== undefined && name > wanted) return false;
  const at = source.points.find((point) => point.guid === newest.guid);
  const until = source.points.find((point) => !point.bookmark && point.name === snapshot);
  if (!at || (snapshot !== undefined && !until)) return false;
  const since = source.points.filter(
    (point) => !point.bookmark && point.txg > at.txg && point.txg <= (until?.txg ?? point.txg),
  );
  const written = since.map((point) => point.written);
  return [...written, ...(until ? [] : [source.written])].every((bytes) => bytes === 0);
}
