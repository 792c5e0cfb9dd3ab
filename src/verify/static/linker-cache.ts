import { posix } from 'node:path';

/** Where the dynamic linker of Linux remembers where libraries lie. */
export const cacheFile = '/etc/ld.so.cache';

const magic = 'glibc-ld.so.cache1.1';
const headerLength = 48;
const entryLength = 24;

// A system has a few thousand.
const mostEntries = 100_000;

/** The directories of the libraries that an ld.so.cache names; none where it is no such file. */
export function parseCache(file: Buffer): string[] {
  if (file.toString('latin1', 0, magic.length) !== magic || file.length < headerLength) return [];
  const directories = new Set<string>();
  const count = Math.min(file.readUInt32LE(20), mostEntries);
  for (let index = 0; index < count; index += 1) {
    const entry = headerLength + index * entryLength;
    if (entry + entryLength > file.length) break;
    const from = file.readUInt32LE(entry + 8);
    const end = from < file.length ? file.indexOf(0, from) : -1;
    if (end < 0 || end - from > longestPath) continue;
    const path = file.toString('utf8', from, end);
    if (path.startsWith('/')) directories.add(posix.dirname(path));
  }
  return [...directories];
}

// PATH_MAX of Linux.
const longestPath = 4096;
