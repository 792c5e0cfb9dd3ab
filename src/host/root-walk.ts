import {
  closeSync,
  fstatSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { chdir } from 'node:process';
import { refused } from '../error.ts';
import { openPlainly } from './open-plainly.ts';
import { keepingDirectory } from './working-directory.ts';

/** What a path of a root leads to. */
export interface Found {
  /** Without a symbolic link in it. */
  path: string;
  stats: Stats;
}

/** A file of a root that is open: its bytes, and who it is. */
export interface OpenFile {
  path: string;
  stats: Stats;
  /** The bytes from an offset on, fewer where the file ends. */
  read: (offset: number, length: number) => Buffer;
}

// MAXSYMLINKS of FreeBSD.
const mostLinks = 32;

/**
 * Looks at many files of a root as its jail would see them: symbolic links are followed as the jail follows them, `..`
 * never leads above the root. It stands in the directory it looks into, and enters each as what it is and not by a
 * path, so that nothing which a jail swaps on the way leads out of it. Each look throws `root-unsafe` where it sees that.
 */
export class RootWalk {
  /** The directory it stands in, from the root on; undefined before the first. */
  private here: string[] | undefined;

  private constructor(private readonly root: string) {}

  /** Does something that waits for nothing with a walk of a root: until it ends the process stands in the root. */
  static within<T>(root: string, action: (walk: RootWalk) => T): T {
    return keepingDirectory(() => action(new RootWalk(root)));
  }

  /** What a path leads to; undefined where something is missing, or links go on for too long. */
  find(path: string): Found | undefined {
    const ahead = partsOf(path);
    let behind: string[] = [];
    let links = 0;
    for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
      if (part === '..') {
        behind.pop();
        continue;
      }
      if (ahead.length > 0 && this.standsAhead(behind, part)) {
        behind.push(part);
        continue;
      }
      if (!this.stand(behind)) return undefined;
      const stats = lookAt(part);
      if (!stats) return undefined;
      if (stats.isSymbolicLink()) {
        links += 1;
        const target = links > mostLinks ? undefined : targetOf(part);
        if (target === undefined) return undefined;
        if (target.startsWith('/')) behind = [];
        ahead.unshift(...partsOf(target));
      } else if (ahead.length === 0) {
        return { path: `/${[...behind, part].join('/')}`, stats };
      } else {
        behind.push(part);
      }
    }
    return this.stand(behind) ? { path: `/${behind.join('/')}`, stats: statSync('.') } : undefined;
  }

  /** Opens the regular file that a path leads to, for as long as the action takes; undefined where there is none. */
  open<T>(path: string, action: (file: OpenFile) => T): T | undefined {
    const found = this.find(path);
    if (!found?.stats.isFile()) return undefined;
    const name = found.path.slice(found.path.lastIndexOf('/') + 1);
    const descriptor = openPlainly(name);
    if (descriptor === undefined) return undefined;
    try {
      const stats = fstatSync(descriptor);
      // It was swapped between the look and the opening.
      if (!same(stats, found.stats)) return undefined;
      const read = (offset: number, length: number): Buffer => readPart(descriptor, offset, length);
      return action({ path: found.path, stats, read });
    } finally {
      closeSync(descriptor);
    }
  }

  /** The names in the directory that a path leads to; none where there is no directory. */
  list(path: string): string[] {
    const found = this.find(path);
    return found?.stats.isDirectory() && this.stand(partsOf(found.path)) ? readdirSync('.') : [];
  }

  /** Whether it stands in a directory, or below, that this part of a path leads into: it was entered as such. */
  private standsAhead(behind: readonly string[], part: string): boolean {
    const { here } = this;
    return (
      here !== undefined &&
      here.length > behind.length &&
      here[behind.length] === part &&
      behind.every((name, index) => here[index] === name)
    );
  }

  private stand(wanted: readonly string[]): boolean {
    let from = this.here;
    if (from === undefined || !from.every((name, index) => wanted[index] === name)) {
      chdir(this.root);
      from = [];
    }
    this.here = from;
    for (const name of wanted.slice(from.length)) {
      if (!enter(name)) return false;
      this.here = [...this.here, name];
    }
    return true;
  }
}

/** A name that no file can have is absent. */
function lookAt(name: string): Stats | undefined {
  try {
    return lstatSync(name, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Enters a directory of the one it stands in, and no other that takes its name meanwhile. */
function enter(name: string): boolean {
  const found = lookAt(name);
  if (!found?.isDirectory()) return false;
  chdir(name);
  if (same(statSync('.'), found)) return true;
  throw refused('root-unsafe', `${name}, a directory in the jail, was swapped while it was entered`);
}

function same(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev && one.isFile() === other.isFile();
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

function readPart(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}
