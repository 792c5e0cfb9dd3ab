import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const hops = 8;

/**
 * Where a path leads inside a root, every symlink on the way taken as the jail would take it: an absolute one
 * from the jail's own root, and `..` never above it. `undefined` where something is missing or links go on
 * for too long. What it gives has no symlink in it at that moment; to open it, use readInside, which looks again.
 */
export function followInside(root: string, path: string): string | undefined {
  const ahead = parts(path);
  let behind: string[] = [];
  let followed = 0;
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    if (part === '..') {
      behind.pop();
      continue;
    }
    const at = join(root, ...behind, part);
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (!found || (ahead.length > 0 && !found.isDirectory() && !found.isSymbolicLink())) return undefined;
    if (!found.isSymbolicLink()) {
      behind.push(part);
      continue;
    }
    followed += 1;
    if (followed > hops) return undefined;
    const target = readlinkSync(at);
    if (target.startsWith('/')) behind = [];
    ahead.unshift(...parts(target));
  }
  return behind.join('/');
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}
