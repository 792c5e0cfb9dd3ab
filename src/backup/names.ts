import { decodeTime } from 'ulid';
import { idPattern } from '../zfs/names.ts';

/** The name that a backup's snapshots have after the `@`. */
export function backupSnapshot(backup: string): string {
  return `jtx-backup-${backup}`;
}

const ownSnapshot = new RegExp(`^jtx-(?:backup-)?(${idPattern})$`);

/**
 * The backup, or the transaction from whose snapshot one was made, that a snapshot's name tells. Their order is that of
 * time.
 */
export function backupOf(snapshot: string): string | undefined {
  return ownSnapshot.exec(snapshot)?.[1];
}

/** When a backup was begun: milliseconds since the epoch. */
export function backupTime(backup: string): number {
  return decodeTime(backup);
}

/** The bookmark, or the tag of the hold, that keeps what a target has last: the base of the next increment. */
export function baseMark(target: string): string {
  return `jtx-to-${target}`;
}

/**
 * The name of a copy on a target: flat, so that one can be renamed without the others, and no two paths have the same.
 * `web:www`; of a path that has colons of its own `web:.a::b`.
 */
export function copyName(jail: string, path: string): string {
  if (!path.includes(':')) return jail + path.replaceAll('/', ':');
  // There are no two slashes on end: what has two colons on end was written in this way.
  return jail + path.replaceAll(':', '::').replaceAll('/', ':.');
}

/** The name that a copy gets when what it was made from has no way on from it. */
export function retiredName(copy: string, backup: string): string {
  return `${copy}.until-${backup}`;
}

const retired = new RegExp(`\\.until-(${idPattern})$`);

/** The backup from which on a copy was none of the jail's any more, as its name tells. */
export function retiredAt(copy: string): string | undefined {
  return retired.exec(copy)?.[1];
}
