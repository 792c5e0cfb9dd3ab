import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { chdir } from 'node:process';
import { refused } from '../error.ts';
import { errnoOf } from './errno.ts';
import { openPlainly } from './open-plainly.ts';
import { keepingDirectory } from './working-directory.ts';

/**
 * What a path inside a root is, followed without following any symlink: a jail's owner may put one anywhere,
 * and to the host an absolute link leads out of the jail. `undefined` where it is absent.
 * Throws `root-unsafe` where a directory of the path is anything but a directory.
 */
export function lookInside(root: string, path: string): Stats | undefined {
  const [name, above] = lastOf(root, path);
  return name === undefined
    ? undefined
    : withinExisting(root, above, () => lstatSync(name, { throwIfNoEntry: false }));
}

/** Requires a true directory at a path inside a root. Throws `root-unsafe` or `root-incomplete`. */
export function requireDirectory(root: string, path: string): void {
  const found = lookInside(root, path);
  if (!found) {
    throw refused('root-incomplete', `${join(root, path)} is missing`, `mkdir -p ${join(root, path)}`);
  }
  if (!found.isDirectory()) throw unsafe(join(root, path), found);
}

/** Like {@link requireDirectory}, but absent is fine. */
export function allowDirectory(root: string, path: string): void {
  const found = lookInside(root, path);
  if (found && !found.isDirectory()) throw unsafe(join(root, path), found);
}

/**
 * Requires that nothing is in the way of a mount: at an absolute path inside a root a directory, or nothing, without a
 * symlink before it. Any other place is the host's. Throws `root-unsafe`.
 */
export function requirePlace(root: string, path: string): void {
  const inside = pathInside(root, path);
  if (inside) allowDirectory(root, inside);
}

/**
 * The part of an absolute path below a root, which is given without symlinks; undefined where it lies elsewhere. The host may
 * have a symlink on the way to the root, and none behind it is followed.
 */
export function pathInside(root: string, path: string): string | undefined {
  if (path === root || path.startsWith(`${root}/`)) return path.slice(root.length);
  if (!path.startsWith('/')) return undefined;
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1))
    if (isPathOf(root, path.slice(0, end))) return path.slice(end);
  return isPathOf(root, path) ? '' : undefined;
}

function isPathOf(root: string, path: string): boolean {
  try {
    return realpathSync(path) === root;
  } catch {
    return false;
  }
}

function unsafe(path: string, found: Stats): Error {
  const what = found.isSymbolicLink() ? 'a symbolic link' : 'no directory';
  return refused(
    'root-unsafe',
    `${path} is ${what}: what the host mounts or writes there could land outside of the jail`,
    `Replace it by a directory; ls -ld ${path} shows it.`,
  );
}

/**
 * The content of a regular file inside a root, of at most `limit` bytes; `undefined` where there is no such file.
 * Opened without following a symlink and without waiting for a FIFO, and read no further than it was long then.
 */
export function readInside(root: string, path: string, limit: number): Buffer | undefined {
  const [name, above] = lastOf(root, path);
  return name === undefined ? undefined : withinExisting(root, above, () => readHere(name, limit));
}

function readHere(name: string, limit: number): Buffer | undefined {
  const found = lstatSync(name, { throwIfNoEntry: false });
  if (!found?.isFile()) return undefined;
  const file = openPlainly(name);
  if (file === undefined) return undefined;
  try {
    const opened = fstatSync(file);
    const same = opened.isFile() && isSame(opened, found) && opened.size <= limit;
    return same ? contentOf(file, opened.size) : undefined;
  } finally {
    closeSync(file);
  }
}

function contentOf(file: number, size: number): Buffer {
  const content = Buffer.allocUnsafe(size);
  let length = 0;
  for (let count = -1; length < size && count !== 0; length += count)
    count = readSync(file, content, length, size - length, length);
  return content.subarray(0, length);
}

/**
 * Does something that takes no time in a directory inside a root, as its working directory: it is entered step by
 * step, no symlink is followed, and what a jail swaps afterwards is another directory. One that is missing is made.
 * Throws `root-unsafe`.
 */
export function withinDirectory<T>(root: string, path: string, action: () => T): T {
  return keepingDirectory(() => {
    enterEach(root, path, (name, at) => {
      if (!enterDirectory(name, at)) {
        makeDirectory(name);
        if (!enterDirectory(name, at)) throw swapped(at);
      }
      return true;
    });
    return action();
  });
}

function makeDirectory(name: string): void {
  try {
    mkdirSync(name, { mode: 0o755 });
  } catch (error) {
    // Whatever came there meanwhile is looked at like any other.
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/**
 * The same in one that is there; undefined, and nothing is done, where one is missing, or the root. Throws `root-unsafe`.
 */
export function withinExisting<T>(root: string, path: string, action: () => T): T | undefined {
  if (!existsSync(root)) return undefined;
  return keepingDirectory(() => (enterEach(root, path, enterDirectory) ? action() : undefined));
}

function enterEach(root: string, path: string, enter: (name: string, at: string) => boolean): boolean {
  const parts = partsOf(root, path);
  chdir(root);
  let at = root;
  return parts.every((part) => {
    at = join(at, part);
    return enter(part, at);
  });
}

/** Enters a directory of the one it stands in, and no other that takes its name meanwhile; false where there is none. */
function enterDirectory(name: string, path: string): boolean {
  const found = lstatSync(name, { throwIfNoEntry: false });
  if (!found) return false;
  if (!found.isDirectory()) throw unsafe(path, found);
  if (stepInto(name) && isSame(statSync('.'), found)) return true;
  throw swapped(path);
}

/** What is no directory any more is not stepped into. */
function stepInto(name: string): boolean {
  try {
    chdir(name);
    return true;
  } catch {
    return false;
  }
}

function swapped(path: string): Error {
  return refused('root-unsafe', `${path}, a directory in the jail, was swapped while it was entered`);
}

function isSame(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/** The last part of a path, and what is before it. */
function lastOf(root: string, path: string): [name: string | undefined, above: string] {
  const parts = partsOf(root, path);
  return [parts.at(-1), parts.slice(0, -1).join('/')];
}

function partsOf(root: string, path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (!parts.includes('..')) return parts;
  throw refused('root-unsafe', `${path} leads out of where it stands in ${root}`);
}
