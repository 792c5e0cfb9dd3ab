import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { errnoOf } from './errno.ts';

/** Something that is no directory. */
export interface FileOn {
  /** A name is bytes, which need not be text. */
  path: Buffer;
  /** Undefined where its path is longer than a system call takes one: a jail can make such. */
  stats: Stats | undefined;
}

/**
 * Everything on a mounted file system that is no directory, following no symlink and crossing into no other file system.
 * What goes meanwhile is left out; of what lies too deep only where it begins is given.
 */
export function* filesOn(mountPoint: string): Generator<FileOn> {
  yield* filesIn(Buffer.from(mountPoint), lstatSync(mountPoint).dev);
}

function* filesIn(directory: Buffer, dev: number): Generator<FileOn> {
  for (const name of namesIn(directory)) {
    const path = Buffer.concat([directory, Buffer.from('/'), name]);
    const stats = look(path);
    if (stats === 'too long') yield { path, stats: undefined };
    else if (stats?.dev !== dev) continue;
    else if (stats.isDirectory()) yield* filesIn(path, dev);
    else yield { path, stats };
  }
}

function look(path: Buffer): Stats | 'too long' | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === 'ENAMETOOLONG') return 'too long';
    throw error;
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
