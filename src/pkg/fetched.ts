import {
  constants,
  copyFileSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { refused } from '../error.ts';
import { lookInside, withinDirectory } from '../host/inside-root.ts';

/** Where pkg keeps what it has downloaded: the packages, and the catalogues (docs/pkg-facts.md, 1). */
const kept = ['var/cache/pkg', 'var/db/pkg/repos'];

/**
 * Carries what pkg has downloaded from one root to another, so that nothing is fetched twice and both installs see
 * the same catalogue. In neither root a symlink is followed. Throws `root-unsafe`.
 */
export function carryFetched(from: string, to: string): void {
  for (const path of kept) carryDirectory(from, to, path);
}

function carryDirectory(from: string, to: string, path: string): void {
  if (!lookInside(from, path)?.isDirectory()) return;
  const source = join(from, path);
  // A name that is no text has this letter in place of what is none: it is no name of pkg's, and no way to the file.
  const entries = readdirSync(source, { withFileTypes: true }).filter(({ name }) => !name.includes('\ufffd'));
  withinDirectory(to, path, () => {
    for (const entry of entries) {
      if (entry.isFile()) replace(entry.name, () => copyNew(join(source, entry.name), entry.name));
      else if (entry.isSymbolicLink()) carryLink(source, entry.name);
    }
  });
  for (const entry of entries) {
    if (entry.isDirectory()) carryDirectory(from, to, `${path}/${entry.name}`);
  }
}

/** The cache names a package once by its sum and once by a link beside it; no other link belongs there. */
function carryLink(source: string, name: string): void {
  const target = readlinkSync(join(source, name));
  if (!target.includes('/')) replace(name, () => symlinkSync(target, name));
}

function copyNew(source: string, name: string): void {
  copyFileSync(source, name, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
}

function replace(name: string, write: () => void): void {
  const found = lstatSync(name, { throwIfNoEntry: false });
  if (found?.isDirectory())
    throw refused('root-unsafe', `the jail has a directory ${name} where pkg keeps a file`, 'Remove it.');
  if (found) unlinkSync(name);
  write();
}
