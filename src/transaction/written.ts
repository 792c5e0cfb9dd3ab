import { posix } from 'node:path';
import { latestOf } from '../host/time-stamp.ts';
import type { Difference } from '../zfs/diff.ts';

/** What a jail itself wrote below one directory. */
export interface Written {
  /** As the jail sees it. */
  directory: string;
  files: number;
  /** Bytes that these files have now. */
  bytes: number;
}

/** A transaction that changed the jail meanwhile. */
export interface Interval {
  started: number;
  ended: number;
  /** The jail ran during it: not everything that changed then was the transaction's. */
  live: boolean;
}

/** What is known about who wrote what. */
export interface Writers {
  root: string;
  intervals: readonly Interval[];
  /** Paths that packages own, as the jail sees them. */
  owned: { has(path: string): boolean };
  sizeOf(path: string): number;
}

// A file system stamps with the last tick of the kernel's clock, which can be 10 ms old.
const slack = 20;
const ofPkg = ['/var/db/pkg/', '/var/cache/pkg/', '/var/run/ld-elf.so.hints'];

/** Whether a file, as the jail sees it, is one that pkg writes for itself. */
export function isOfPkg(path: string): boolean {
  return ofPkg.some((own) => path.startsWith(own));
}

/**
 * What the jail wrote since a snapshot, less what pkg wrote in transactions, per directory, the largest first.
 * Directories do not count: they change with what is in them. Pure.
 */
export function writtenSince(differences: readonly Difference[], writers: Writers): Written[] {
  const directories = new Map<string, Written>();
  for (const difference of differences) {
    if (difference.type === '/' || isOfTransaction(difference, writers)) continue;
    const path = difference.to ?? difference.path;
    const directory = groupOf(inJail(path, writers.root));
    const written = directories.get(directory) ?? { directory, files: 0, bytes: 0 };
    directories.set(directory, written);
    written.files += 1;
    if (difference.change !== 'removed') written.bytes += writers.sizeOf(path);
  }
  return [...directories.values()].sort((one, other) => other.bytes - one.bytes || other.files - one.files);
}

function isOfTransaction({ time, path, to }: Difference, { root, intervals, owned }: Writers): boolean {
  const during = intervals.find(
    ({ started, ended }) => time >= started - slack && latestOf(time) <= ended + slack,
  );
  if (!during) return false;
  const names = [path, to ?? path].map((name) => inJail(name, root));
  return !during.live || names.some((name) => owned.has(name) || isOfPkg(name));
}

/** A path of the host as the jail sees it. */
export function inJail(path: string, root: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length) : path;
}

/** Three levels tell services apart: /var/db/postgres, /usr/local/www. */
function groupOf(path: string): string {
  const parts = posix.dirname(path).split('/').filter(Boolean);
  return `/${parts.slice(0, 3).join('/')}`;
}
