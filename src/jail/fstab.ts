import { posix } from 'node:path';
import { isWithin } from '../zfs/names.ts';

/** One line of fstab(5). */
export interface FstabEntry {
  special: string;
  node: string;
  type: string;
}

/** Reads fstab(5), in which a space of a path is written as \040. */
export function parseFstab(text: string): FstabEntry[] {
  return text.split('\n').flatMap((line) => {
    const [special, node, type] = line.replace(/#.*$/, '').trim().split(/\s+/);
    return special && node && type ? [{ special: unescaped(special), node: unescaped(node), type }] : [];
  });
}

function unescaped(word: string): string {
  return word.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** A directory of the host that a thin jail has in its root while it runs. */
export interface Base {
  special: string;
  /** Where in the root, without a leading slash. */
  path: string;
}

/** What of an fstab(5) is a base of a jail: directories of the host below its root, by nullfs(5). */
export function basesOf(entries: readonly FstabEntry[], roots: readonly string[]): Base[] {
  return inside(entries, roots)
    .filter(({ special, type, path }) => type === 'nullfs' && special.startsWith('/') && path !== '')
    .filter(({ path }) => !writtenByPkg.test(path))
    .map(({ special, path }) => ({ special, path }));
}

// A base is mounted read-only, and into these pkg writes: the jail's own directory serves.
const writtenByPkg = /^var\/(?:cache|db)\/pkg(?:\/|$)/;

/** What a jail has mounted over its packages while it runs, and jtx does not mount for it. */
export interface Cover extends Base {
  type: string;
}

/** What of an fstab(5) hides where packages are, or the whole root: that may be nullfs(5) too, as with a base on the root. */
export function coversOf(entries: readonly FstabEntry[], roots: readonly string[]): Cover[] {
  return inside(entries, roots).filter(
    ({ type, path }) =>
      path === '' || (type !== 'nullfs' && packaged.some((directory) => isWithin(directory, path))),
  );
}

const packaged = ['etc', 'lib', 'usr/local/etc', 'var/db/pkg'];

/** What is mounted in a root, which a table can call by any of its names: that of jail.conf(5) may lead through a symlink. */
function inside(entries: readonly FstabEntry[], roots: readonly string[]): Cover[] {
  return entries.flatMap(({ special, node, type }) => {
    const place = plain(node);
    const root = roots.map(plain).find((name) => isWithin(place, name));
    return root === undefined ? [] : [{ special, type, path: place.slice(root.length + 1) }];
  });
}

function plain(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, '');
}
