import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { errnoOf } from './errno.ts';

/** Something that is no directory. */
export interface FileOn {
  /** A name is bytes, which need not be text. */
  path: Buffer;
  stats: Stats;
}

/**
 * Everything on a mounted file system that is no directory, following no symlink and crossing into no other file system.
 * What goes meanwhile is left out.
 */
export function* filesOn(mountPoint: string): Generator<FileOn> {
  yield* filesIn(Buffer.from(mountPoint), lstatSync(mountPoint).dev);
}

function* filesIn(directory: Buffer, dev: number): Generator<FileOn> {
  for (const name of namesIn(directory)) {
    const path = Buffer.concat([directory, Buffer.from('/'), name]);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.dev !== dev) continue;
    if (stats.isDirectory()) yield* filesIn(path, dev);
    else yield { path, stats };
  }
}

function namesIn(directory: Buffer): Buffer[] {
  try {
    return readdirSync(directory, 'buffer');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
