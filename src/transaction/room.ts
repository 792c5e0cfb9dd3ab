import { unlinkSync } from 'node:fs';
import { filesOn } from '../host/files-on.ts';

/**
 * Removes the files of a mounted file system that were changed since a time (milliseconds since the epoch): they go with
 * the rollback anyway, and a pool that is full to the brim takes no rollback on an older ZFS. Only for a jail in which
 * nothing runs. What cannot be removed stays.
 */
export function removeNewer(mountPoint: string, since: number): void {
  for (const { path, stats } of filesOn(mountPoint))
    if (stats?.isFile() === true && stats.ctimeMs >= since) tryUnlink(path);
}

function tryUnlink(path: Buffer): void {
  try {
    unlinkSync(path);
  } catch {
    // A full file system may refuse even that: the next may go.
  }
}
