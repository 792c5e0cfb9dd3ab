import { dirname } from 'node:path';
import { type Run, succeeded } from '../host/run.ts';
import type { Member } from './copy.ts';

/**
 * Makes a tree of a backup's members, parents first, where `make` makes the dataset of one. A child whose parent is no
 * part of the backup hangs below an empty one. Throws `command-failed`.
 */
export async function eachBelow(
  run: Run,
  top: string,
  members: readonly Member[],
  make: (member: Member, dataset: string) => Promise<void>,
): Promise<void> {
  const there = new Set<string>();
  for (const member of members) {
    const { path } = member.copy;
    await makeParents(run, top, path, there);
    await make(member, top + path);
    there.add(path);
  }
}

async function makeParents(run: Run, top: string, path: string, there: Set<string>): Promise<void> {
  const parent = dirname(path);
  if (path === '' || parent === '/' || there.has(parent)) return;
  await makeParents(run, top, parent, there);
  succeeded(await run(['zfs', 'create', '-o', 'canmount=off', top + parent], { changes: true }));
  there.add(parent);
}
