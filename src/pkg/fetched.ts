import {
  constants,
  copyFileSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { refused } from '../error.ts';
import { isFull } from '../host/errno.ts';
import { lookInside, withinDirectory } from '../host/inside-root.ts';

/** Where pkg keeps what it has downloaded: the packages, and the catalogues (docs/pkg-facts.md, 1). */
const kept = ['var/cache/pkg', 'var/db/pkg/repos'];

/** What is not whole yet has this name, so that it never takes the place of what is. */
const unfinished = '.jtx-fetched';

/**
 * Carries what pkg has downloaded in a clone of a root to that root, so that nothing is fetched twice and both installs
 * see the same catalogue. What neither has touched since the clone was made is there already. In neither root a symlink
 * is followed. Throws `root-unsafe`, `no-space`.
 */
export function carryFetched(from: string, to: string): void {
  try {
    for (const path of kept) carryDirectory(from, to, path);
  } catch (error) {
    if (!isFull(error)) throw error;
    throw refused(
      'no-space',
      `${to} has no room for what pkg has downloaded`,
      "Make room in the pool or raise the quota; the jail's pkg clean -a empties its cache.",
      error,
    );
  }
}

function carryDirectory(from: string, to: string, path: string): void {
  if (!lookInside(from, path)?.isDirectory()) return;
  const source = join(from, path);
  // A name that is no text has this letter in place of what is none: it is no name of pkg's, and no way to the file.
  const entries = readdirSync(source, { withFileTypes: true }).filter(({ name }) => !name.includes('\ufffd'));
  withinDirectory(to, path, () => {
    const changed = entries.filter(({ name }) => !isTheSame(join(source, name), name));
    for (const entry of changed) if (entry.isFile()) carryFile(source, entry.name);
    // What a link leads to is there by then.
    for (const entry of changed) if (entry.isSymbolicLink()) carryLink(source, entry.name);
  });
  for (const entry of entries) {
    if (entry.isDirectory()) carryDirectory(from, to, `${path}/${entry.name}`);
  }
}

/**
 * Whether a file of the root is still the clone's: a clone keeps the number of a file, and the time of its last change,
 * which is the one that a jail cannot set.
 */
function isTheSame(inClone: string, inRoot: string): boolean {
  const [one, other] = [inClone, inRoot].map((path) =>
    lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  );
  if (one === undefined || other === undefined) return false;
  return one.ino === other.ino && one.ctimeNs === other.ctimeNs && one.size === other.size;
}

function carryFile(source: string, name: string): void {
  const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
  replace(name, () => copyFileSync(join(source, name), unfinished, mode));
}

/** The cache names a package once by its sum and once by a link beside it; no other link belongs there. */
function carryLink(source: string, name: string): void {
  const target = readlinkSync(join(source, name));
  if (!target.includes('/')) replace(name, () => symlinkSync(target, unfinished));
}

function replace(name: string, write: () => void): void {
  requireNoDirectory(name);
  removeUnfinished();
  try {
    write();
    renameSync(unfinished, name);
  } finally {
    removeUnfinished();
  }
}

function removeUnfinished(): void {
  if (requireNoDirectory(unfinished)) unlinkSync(unfinished);
}

/** Whether there is anything else of that name. */
function requireNoDirectory(name: string): boolean {
  const found = lstatSync(name, { throwIfNoEntry: false });
  if (found?.isDirectory())
    throw refused('root-unsafe', `the jail has a directory ${name} where pkg keeps a file`, 'Remove it.');
  return found !== undefined;
}
