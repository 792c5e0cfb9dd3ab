import { posix } from 'node:path';

/** Where the dynamic linker of Linux remembers where libraries lie. */
export const cacheFile = '/etc/ld.so.cache';

const magic = 'glibc-ld.so.cache1.1';
const headerLength = 48;
const entryLength = 24;

// A system has a few thousand.
const mostEntries = 20_000;

// PATH_MAX of FreeBSD, whose kernel opens it.
const longestPath = 1024;

/** The directories of the libraries that an ld.so.cache names; none where it is no such file. */
export function parseCache(file: Buffer): string[] {
  if (file.toString('latin1', 0, magic.length) !== magic || file.length < headerLength) return [];
  const directories = new Set<string>();
  const count = Math.min(file.readUInt32LE(20), mostEntries);
  for (let index = 0; index < count; index += 1) {
    const entry = headerLength + index * entryLength;
    if (entry + entryLength > file.length) break;
    const from = file.readUInt32LE(entry + 8);
    // Not up to its end: each entry of a file without zeros would be looked for in all of it.
    const text = file.subarray(from, from + longestPath);
    const end = text.indexOf(0);
    if (end < 0) continue;
    const path = text.toString('utf8', 0, end);
    if (path.startsWith('/')) directories.add(posix.dirname(path));
  }
  return [...directories];
}
