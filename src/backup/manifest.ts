import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { incomparable } from './unproved.ts';

/** One path of a tree, with everything of it that a backup has to bring back. */
export interface ManifestEntry {
  /** Relative; `.` is the top. Its bytes, each a letter of Latin 1: a name need not be text. */
  path: string;
  /** Type and mode, owner, links, time in nanoseconds, size and sum, link's target, or device. */
  facts: string;
}

/**
 * Every path of a tree in a fixed order. No symlink is followed, and nothing but a regular file is opened: a jail is
 * hostile. Extended attributes and ACLs are not looked at. Throws `backup-incomparable` for a file that nobody reads to
 * its end.
 */
export async function* manifest(top: string, path = '.'): AsyncGenerator<ManifestEntry> {
  const full = Buffer.concat([Buffer.from(`${top}/`), bytes(path)]);
  const stat = await lstat(full, { bigint: true });
  const facts = [stat.mode.toString(8), stat.uid, stat.gid, stat.nlink, stat.mtimeNs].join(' ');
  if (stat.isFile() && stat.size > mostHoles && stat.size > stat.blocks * 512n * 1024n)
    throw incomparable(`${asText(path)} has ${stat.size} bytes of almost nothing but holes`);
  if (stat.isFile()) yield { path, facts: `${facts} ${stat.size} ${await sumOf(full)}` };
  else if (stat.isSymbolicLink())
    yield { path, facts: `${facts} ${(await readlink(full, 'buffer')).toString('hex')}` };
  else yield { path, facts: `${facts} ${stat.rdev}` };
  if (!stat.isDirectory()) return;
  const names = (await readdir(full, 'buffer')).map((name) => name.toString('latin1'));
  for (const name of names.sort()) yield* manifest(top, join(path, name));
}

function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

/** For people: most names are text after all. */
function asText(path: string): string {
  return bytes(path).toString();
}

// That takes less than an hour; a jail can make a file of a million times as many in no time.
const mostHoles = 2n ** 40n;

async function sumOf(file: Buffer): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { flags: 'r' }), hash);
  return hash.digest('hex');
}

/** What two trees were found to be. */
export interface Comparison {
  /** Paths that were compared. */
  entries: number;
  /** The first paths that differ, or are in one of them alone. */
  differences: string[];
}

const shown = 5;

/**
 * Compares two trees whole, up to the first differences. `signal` ends it early, by an exception. Throws
 * `backup-incomparable` for what cannot be looked at: a jail can make a path that is longer than any may be.
 */
export async function compareTrees(one: string, other: string, signal: AbortSignal): Promise<Comparison> {
  try {
    return await compareEach(one, other, signal);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw incomparable(`the backup cannot be compared: ${error.message.slice(0, 300)}`, undefined, error);
  }
}

async function compareEach(one: string, other: string, signal: AbortSignal): Promise<Comparison> {
  const [left, right] = [manifest(one), manifest(other)];
  const found: Comparison = { entries: 0, differences: [] };
  let [a, b] = await Promise.all([left.next(), right.next()]);
  while ((!a.done || !b.done) && found.differences.length < shown) {
    signal.throwIfAborted();
    const order = a.done ? 1 : b.done ? -1 : comparePaths(a.value.path, b.value.path);
    if (order < 0 && !a.done) found.differences.push(`${asText(a.value.path)} is missing`);
    else if (order > 0 && !b.done) found.differences.push(`${asText(b.value.path)} is too much`);
    else if (!a.done && !b.done && a.value.facts !== b.value.facts)
      found.differences.push(`${asText(a.value.path)} differs`);
    found.entries += 1;
    [a, b] = await Promise.all([order <= 0 ? left.next() : a, order >= 0 ? right.next() : b]);
  }
  return found;
}

/** The order in which {@link manifest} gives paths: by their parts, a directory before what is in it. */
function comparePaths(one: string, other: string): number {
  const [left, right] = [one, other].map((path) => (path === '.' ? [] : path.split('/')));
  for (const [at, part] of (left ?? []).entries()) {
    const against = right?.[at];
    if (against === undefined) return 1;
    if (part !== against) return part < against ? -1 : 1;
  }
  return (left?.length ?? 0) - (right?.length ?? 0);
}
