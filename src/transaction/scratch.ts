import {
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { refused } from '../error.ts';
import { errnoOf, isFull } from '../host/errno.ts';
import { lookInside, withinDirectory, withinExisting } from '../host/inside-root.ts';

/** Where a transaction's own directory lies, as the chroot sees it: directly in the root, which no jail can swap. */
export function scratchPath(transaction: string): string {
  return `/.jtx-${transaction}`;
}

/** The person's files that pkg is to read, as paths of the host. */
export interface PkgFiles {
  pkgConfig: string | undefined;
  repoConfDir: string | undefined;
}

/** Requires that the files a person named can be read. Throws `file-missing`. */
export function requireFiles(files: PkgFiles): void {
  for (const path of [files.pkgConfig, files.repoConfDir]) {
    if (path !== undefined && !existsSync(path))
      throw refused('file-missing', `${path} does not exist on this host`);
  }
}

/**
 * Makes the transaction's own directory in the jail: the place of the event socket, and of read-only copies of
 * the person's files, since pkg resolves every path inside the chroot (docs/pkg-facts.md, 1). Without a
 * configuration of the person's, an empty one keeps the jail's own from steering pkg. A jail that runs reads its name
 * from the name of the snapshot and can swap it, so all is made anew in a directory that was entered as what it is.
 * Throws `root-unsafe`, `dataset-readonly`, `no-space`.
 */
export function makeScratch(root: string, scratch: string, files: PkgFiles): void {
  const { pkgConfig, repoConfDir } = files;
  makeDirectory(root, scratch);
  fill(root, scratch, () => {
    if (pkgConfig === undefined) writeFileSync('pkg.conf', '', { mode: 0o444, flag: 'wx' });
    else copyFileSync(pkgConfig, 'pkg.conf', constants.COPYFILE_EXCL);
  });
  if (repoConfDir === undefined) return;
  const names = readdirSync(repoConfDir).filter((name) => name.endsWith('.conf'));
  fill(root, join(scratch, repositories), () => {
    for (const name of names) copyFileSync(join(repoConfDir, name), name, constants.COPYFILE_EXCL);
  });
}

const repositories = 'repos';

/** Not every zfs(8) tells of a file system that takes nothing: the first thing that is written finds out. */
function makeDirectory(root: string, scratch: string): void {
  try {
    mkdirSync(join(root, scratch), { mode: 0o700 });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EROFS') throw refused('dataset-readonly', `${root} is read-only`, undefined, error);
    if (isFull(error)) throw refused('no-space', `${root} is full`, undefined, error);
    throw errno === 'EEXIST' ? taken(join(root, scratch), error) : error;
  }
}

function fill(root: string, path: string, write: () => void): void {
  try {
    withinDirectory(root, path, write);
  } catch (error) {
    throw errnoOf(error) === 'EEXIST' ? taken(join(root, path), error) : error;
  }
}

function taken(path: string, cause: unknown): Error {
  return refused('root-unsafe', `the jail has put something in the place of ${path}`, undefined, cause);
}

/**
 * Removes the transaction's own directory, following nothing; what a jail has put in its place too. What a jail has made
 * of it so that it cannot be removed (a directory in it, a mount on it, a flag) stays; gives that in words. Throws
 * `root-unsafe`.
 */
export function removeScratch(root: string, scratch: string): string[] {
  const repos = join(scratch, repositories);
  withinExisting(root, '/', () => removeFile(basename(scratch)));
  withinExisting(root, scratch, removeFiles);
  withinExisting(root, repos, removeFiles);
  for (const path of [repos, scratch]) {
    withinExisting(root, dirname(path), () => remove(() => rmdirSync(basename(path))));
  }
  if (lookInside(root, scratch) === undefined) return [];
  return [`${join(root, scratch)} stays: the jail has made of it what cannot be removed.`];
}

function removeFiles(): void {
  // A name is bytes, which need not be text.
  for (const name of readdirSync('.', 'buffer')) removeFile(name);
}

function removeFile(name: string | Buffer): void {
  if (lstatSync(name, { throwIfNoEntry: false })?.isDirectory() === false)
    remove(() => rmSync(name, { force: true }));
}

/** Whether it is there still is looked at in the end. */
function remove(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}
