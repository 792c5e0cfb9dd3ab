import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { chdir } from 'node:process';
import { refused } from '../error.ts';
import { keepingDirectory } from './working-directory.ts';

/**
 * What a path inside a root is, followed without following any symlink: a jail's owner may put one anywhere,
 * and to the host an absolute link leads out of the jail. `undefined` where it is absent.
 * Throws `root-unsafe` where a directory of the path is anything but a directory.
 */
export function lookInside(root: string, path: string): Stats | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  let at = root;
  let found: Stats | undefined;
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    found = lstatSync(at, { throwIfNoEntry: false });
    if (!found) return undefined;
    if (index < parts.length - 1 && !found.isDirectory()) throw unsafe(at, found);
  }
  return found;
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

function unsafe(path: string, found: Stats): Error {
  const what = found.isSymbolicLink() ? 'a symbolic link' : 'no directory';
  return refused(
    'root-unsafe',
    `${path} is ${what}: what the host mounts or writes there could land outside of the jail`,
    `Replace it by a directory; ls -ld ${path} shows it.`,
  );
}

/**
 * The content of a regular file inside a root, at most `limit` bytes; `undefined` where there is no regular
 * file. Opened without following a symlink and without waiting for a FIFO.
 */
export function readInside(root: string, path: string, limit: number): Buffer | undefined {
  const found = lookInside(root, path);
  if (!found?.isFile() || found.size > limit) return undefined;
  const file = openSync(join(root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const opened = fstatSync(file);
    return opened.isFile() && opened.ino === found.ino && opened.dev === found.dev
      ? readFileSync(file)
      : undefined;
  } finally {
    closeSync(file);
  }
}

/**
 * Does something that takes no time in a directory inside a root, as its working directory: it is entered step by
 * step, no symlink is followed, and what a jail swaps afterwards is another directory. One that is missing is made.
 * Throws `root-unsafe`.
 */
export function withinDirectory<T>(root: string, path: string, action: () => T): T {
  return keepingDirectory(() => {
    chdir(root);
    let at = root;
    for (const part of path.split('/').filter((name) => name !== '')) {
      at = join(at, part);
      enterDirectory(part, at);
    }
    return action();
  });
}

function enterDirectory(name: string, path: string): void {
  if (!lstatSync(name, { throwIfNoEntry: false })) mkdirSync(name, { mode: 0o755 });
  const found = lstatSync(name);
  if (!found.isDirectory()) throw unsafe(path, found);
  chdir(name);
  const entered = statSync('.');
  // It was swapped between the look and the step.
  if (entered.ino !== found.ino || entered.dev !== found.dev) throw unsafe(path, lstatSync('.'));
}
