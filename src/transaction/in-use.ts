import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError, refused } from '../error.ts';
import { listMounts, type Mount } from '../host/mounts.ts';
import { usersOf } from '../host/processes.ts';
import type { Run } from '../host/run.ts';
import type { FoundJail } from '../jail/find.ts';
import type { FstabEntry } from '../jail/fstab.ts';
import { isWithin } from '../zfs/names.ts';

const patience = 10_000;
const pause = 500;

/** A jail's file systems, which are to be unmounted once it is stopped. */
export interface Tree {
  root: string;
  datasets: readonly { name: string; mountpoint: string }[];
  /** What the stop unmounts, beside the jail's devfs and the like; undefined where that may be more. */
  unmounted: readonly FstabEntry[] | undefined;
}

/** The file systems of a jail as it is now: what one that does not run has left is unmounted by nobody. */
export function treeOf(
  { root, running, unmounted }: Pick<FoundJail, 'root' | 'running' | 'unmounted'>,
  datasets: Tree['datasets'],
): Tree {
  return { root, datasets, unmounted: running ? unmounted : [] };
}

/** Whether an error says that file systems are in use on the host; then nothing of them was changed. */
export function isBusy(error: unknown): error is JtxError {
  return error instanceof JtxError && error.code === 'root-busy';
}

/**
 * What surely keeps a jail's file systems from being unmounted once it is stopped: what lies below them, or shows
 * something of them elsewhere, and goes neither with the jail nor with jtx. None where the stop may take away more than
 * is known. Pure.
 */
export function stayingMounts({ datasets, unmounted }: Tree, mounts: readonly Mount[]): Mount[] {
  if (unmounted === undefined) return [];
  const own = new Map(datasets.map(({ name, mountpoint }) => [name, mountpoint]));
  const places = mounts.flatMap(({ special, node }, at) => (own.has(special) ? [{ node, at }] : []));
  return mounts.filter(({ special, node, fstype }, at) => {
    if (own.has(special)) return own.get(special) === 'legacy' && !goesWithJail(unmounted, special, node);
    // jail(8) and jtx see to these; and ZFS to the snapshots that it shows below .zfs.
    if (/^(?:devfs|fdescfs|procfs)$/.test(fstype) || (/zfs$/.test(fstype) && special.includes('@')))
      return false;
    // What was mounted before a place lies below what is mounted there, hidden, and is in nobody's way.
    const lies = places.some(
      (place) => place.at < at && (isWithin(node, place.node) || isWithin(special, place.node)),
    );
    return lies && !goesWithJail(unmounted, special, node);
  });
}

/** By either word: a table can name a directory through a symlink. */
function goesWithJail(unmounted: readonly FstabEntry[], special: string, node: string): boolean {
  return unmounted.some((entry) => entry.node === node || entry.special === special);
}

/**
 * Requires that nobody on the host uses the file systems of a jail that is to be set aside: it would be stopped in vain.
 * Its own processes end with it. `therefore` says what cannot be done else, `otherwise` what can. Throws `root-busy`.
 */
export async function requireUnused(
  run: Run,
  tree: Tree,
  therefore: string,
  otherwise?: string,
): Promise<void> {
  const mounts = await listMounts(run);
  const more = otherwise === undefined ? [] : [otherwise];
  const staying = stayingMounts(tree, mounts);
  if (staying.length > 0) {
    const named = staying.map(({ special, node }) => `${special} is mounted at ${node}`).join(', ');
    const hint = [...staying.map(({ node }) => `umount ${node}`), ...more];
    throw refused('root-busy', `${named}, by others than the jail: ${therefore}`, hint.join('\n'));
  }
  const names = new Set(tree.datasets.map(({ name }) => name));
  const nodes = mounts.filter(({ special }) => names.has(special)).map(({ node }) => node);
  const others = (await usersOf(run, nodes)).filter(({ rooted }) => !rooted).map(({ pid }) => pid);
  if (others.length === 0) return;
  const hint = [`Let them end first; ps -o pid,args -p ${others.join(',')} shows them.`, ...more];
  throw refused(
    'root-busy',
    `processes ${others.join(', ')} on the host use ${tree.root}: ${therefore}`,
    hint.join('\n'),
  );
}

/** As {@link requireUnused}, for what is done in any case: waits a little for those who are about to let go. */
export async function awaitUnused(run: Run, tree: Tree, therefore: string): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await requireUnused(run, tree, therefore, 'Then: jtx recover');
    } catch (error) {
      if (!isBusy(error) || Date.now() > end) throw error;
    }
    await sleep(pause);
  }
}
