import type { Run } from '../host/run.ts';
import { succeeded } from '../host/run.ts';
import { bookmarkSnapshot, destroyBookmark } from '../zfs/bookmark.ts';
import type { Stored } from '../zfs/inventory.ts';
import { isId } from '../zfs/names.ts';
import type { Abilities } from '../zfs/send.ts';
import { backupOf, baseMark } from './names.ts';

/**
 * Keeps what a target has last of a dataset as the base of its next increment, whatever becomes of the snapshot, and lets
 * the base before it go, and what had come in part until now: by a bookmark, or by a hold where an old zfs(8) has none.
 * Throws `command-failed`.
 */
export async function keepBase(
  run: Run,
  { modern }: Abilities,
  source: Stored,
  snapshot: string,
  target: string,
): Promise<void> {
  const mark = baseMark(target);
  if (modern) {
    const bookmark = bookmarkOf(target, snapshot);
    await bookmarkSnapshot(run, source.name, snapshot, bookmark);
    for (const point of source.points)
      if (point.bookmark && isMarkOf(point.name, target) && point.name !== bookmark)
        await destroyBookmark(run, source.name, point.name);
    return;
  }
  const held = await run(['zfs', 'hold', mark, `${source.name}@${snapshot}`], { changes: true });
  if (!/tag already exists/.test(held.stderr)) succeeded(held);
  for (const point of source.points)
    if (point.holds > 0 && point.name !== snapshot && backupOf(point.name) !== undefined)
      await run(['zfs', 'release', mark, `${source.name}@${point.name}`], { changes: true });
}

function bookmarkOf(target: string, snapshot: string): string {
  return `${baseMark(target)}-${backupOf(snapshot) ?? snapshot}`;
}

const part = '-part';

/** The bookmark of a snapshot that is on its way to a target. */
export function partMark(target: string, snapshot: string): string {
  return bookmarkOf(target, snapshot) + part;
}

/** Whether a bookmark is the base of a target's: not of one whose name begins with that one's. */
export function isBaseOf(bookmark: string, target: string): boolean {
  const mark = `${baseMark(target)}-`;
  return bookmark.startsWith(mark) && isId(bookmark.slice(mark.length));
}

/** Whether a bookmark says that a snapshot was on its way to a target. */
export function isPartOf(bookmark: string, target: string): boolean {
  return bookmark.endsWith(part) && isBaseOf(bookmark.slice(0, -part.length), target);
}

/** Whether a bookmark is there for a target, as its base or as what was on its way. */
export function isMarkOf(bookmark: string, target: string): boolean {
  return isBaseOf(bookmark, target) || isPartOf(bookmark, target);
}
