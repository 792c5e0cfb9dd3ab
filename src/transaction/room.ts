import { lstatSync, readdirSync, unlinkSync } from 'node:fs';

/**
 * Removes the files of a mounted file system that were changed since a time (milliseconds since the epoch), following
 * no symlink and crossing into no other file system: they go with the rollback anyway, and a pool that is full to the
 * brim takes no rollback on an older ZFS. Only for a jail in which nothing runs. What cannot be removed stays.
 */
export function removeNewer(mountPoint: string, since: number): void {
  const { dev } = lstatSync(mountPoint);
  // A name is bytes, which need not be text.
  const walk = (directory: Buffer): void => {
    for (const name of readdirSync(directory, 'buffer')) {
      const path = Buffer.concat([directory, Buffer.from('/'), name]);
      const found = lstatSync(path);
      if (found.dev !== dev) continue;
      if (found.isDirectory()) walk(path);
      else if (found.isFile() && found.ctimeMs >= since) tryUnlink(path);
    }
  };
  walk(Buffer.from(mountPoint));
}

function tryUnlink(path: Buffer): void {
  try {
    unlinkSync(path);
  } catch {
    // A full file system may refuse even that: the next may go.
  }
}
