import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

const HOUR = 3600_000;
const UNUSED = 14 * 24 * HOUR;

/** Marks a built directory as used now. */
export async function markUsed(directory: string): Promise<void> {
  const now = new Date();
  await utimes(directory, now, now);
}

/** Removes what builds that were killed left, and what no lab has used for two weeks. */
export async function pruneBuilds(all: string): Promise<void> {
  for (const name of await readdir(all)) {
    const path = join(all, name);
    const age = await stat(path).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > (name.startsWith('.build-') ? HOUR : UNUSED)) await rm(path, { recursive: true, force: true });
  }
}
