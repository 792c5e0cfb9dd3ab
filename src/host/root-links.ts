import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { refused } from '../error.ts';

/**
 * Requires that no symbolic link in a root leads the host to a directory outside of it: whoever writes into the root by
 * its path on the host would write there. It holds for as long as nobody works in the root. Throws `root-unsafe`.
 */
export function requireNoWayOut(root: string): void {
  const top = realpathSync.native(root, 'latin1');
  const found = wayOut(top, top);
  if (found === undefined) return;
  throw refused(
    'root-unsafe',
    `${found.link} is a symbolic link to ${found.to} of the host: what is written below it would land there`,
    'A link that is relative leads to the same place for a jail and for its host.',
  );
}

/** A name is bytes, which need not be text: here each is a letter of Latin 1. */
function wayOut(top: string, directory: string): { link: string; to: string } | undefined {
  for (const entry of readdirSync(bytes(directory), { withFileTypes: true, encoding: 'buffer' })) {
    const path = join(directory, entry.name.toString('latin1'));
    const to = directoryBehind(path, entry);
    if (to !== undefined && to !== top && !to.startsWith(`${top}/`))
      return { link: bytes(path).toString(), to: bytes(to).toString() };
    const below = entry.isDirectory() ? wayOut(top, path) : undefined;
    if (below) return below;
  }
  return undefined;
}

/** Nothing is written through a link to a file, which is replaced, nor through one to nothing. */
function directoryBehind(path: string, entry: Dirent<Buffer>): string | undefined {
  if (!entry.isSymbolicLink()) return undefined;
  try {
    const to = realpathSync.native(bytes(path), 'latin1');
    return statSync(bytes(to)).isDirectory() ? to : undefined;
  } catch {
    return undefined;
  }
}

function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}
