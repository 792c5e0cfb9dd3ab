import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refused } from '../error.ts';

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
 * configuration of the person's, an empty one keeps the jail's own from steering pkg.
 */
export function makeScratch(root: string, scratch: string, files: PkgFiles): string {
  const directory = join(root, scratch);
  makeDirectory(directory, root);
  if (files.pkgConfig === undefined) writeFileSync(join(directory, 'pkg.conf'), '', { mode: 0o444 });
  else copyFileSync(files.pkgConfig, join(directory, 'pkg.conf'));
  if (files.repoConfDir !== undefined) copyConfigurations(files.repoConfDir, join(directory, 'repos'));
  return directory;
}

/** Not every zfs(8) tells of a file system that takes nothing: the first thing that is written finds out. */
function makeDirectory(directory: string, root: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EROFS') throw refused('dataset-readonly', `${root} is read-only`, undefined, error);
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw refused('no-space', `${root} is full`, undefined, error);
    throw error;
  }
}

function copyConfigurations(from: string, to: string): void {
  mkdirSync(to, { mode: 0o755 });
  for (const name of readdirSync(from)) {
    if (name.endsWith('.conf')) copyFileSync(join(from, name), join(to, name));
  }
}

/** Removes the transaction's own directory, following nothing. */
export function removeScratch(root: string, scratch: string): void {
  rmSync(join(root, scratch), { recursive: true, force: true });
}
