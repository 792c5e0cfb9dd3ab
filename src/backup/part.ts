import type { Run } from '../host/run.ts';
import { bookmarkSnapshot, destroyBookmark } from '../zfs/bookmark.ts';
import type { Stored, StoredPoint } from '../zfs/inventory.ts';
import { splitSnapshot } from '../zfs/names.ts';
import { isBaseOf, isPartOf, partMark } from './base.ts';
import { backupOf } from './names.ts';

/**
 * Says by a bookmark that a snapshot is on its way to a target: should the stream be cut off, it can go on only as long
 * as that snapshot is there, whether or not the target can be asked. `base` is the guid of what the target has last:
 * marks of what else had begun say nothing any more, and go. Throws `command-failed`.
 */
export async function markPart(
  run: Run,
  source: Stored,
  sent: string,
  target: string,
  base: string | undefined,
): Promise<void> {
  const { dataset, snapshot } = splitSnapshot(sent);
  // What was set aside meanwhile is no part of what a retention lets go.
  if (dataset !== source.name || backupOf(snapshot) === undefined) return;
  const mark = partMark(target, snapshot);
  const marks = source.points.filter(({ bookmark, name }) => bookmark && isPartOf(name, target));
  if (!marks.some(({ name }) => name === mark)) await bookmarkSnapshot(run, dataset, snapshot, mark);
  for (const { name, guid } of marks)
    if (name !== mark && guid !== base) await destroyBookmark(run, dataset, name);
}

/** The target, one of some, that may have a snapshot in part, or nothing newer than it whole. Pure. */
export function partlyOn(
  { points, backup }: Stored,
  { guid, txg }: StoredPoint,
  targets: readonly string[],
): string | undefined {
  // It is not sent any more.
  if (backup === 'off') return undefined;
  const marks = points.filter(({ bookmark }) => bookmark);
  return targets.find(
    (target) =>
      marks.some((mark) => mark.guid === guid && isPartOf(mark.name, target)) &&
      !marks.some((mark) => mark.txg >= txg && isBaseOf(mark.name, target)),
  );
}
