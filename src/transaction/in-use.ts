import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError, refused } from '../error.ts';
import { listMounts, type Mount } from '../host/mounts.ts';
import { usersOf } from '../host/processes.ts';
import type { Run } from '../host/run.ts';
import type { FoundJail } from '../jail/find.ts';
import type { FstabEntry } from '../jail/fstab.ts';
import { isOfJail, keeping, mountsOf } from './unmount-order.ts';

const patience = 10_000;
const pause = 500;

/** A jail's file systems, which are to be unmounted once it is stopped. */
export interface Tree {
  root: string;
  /** With the property. */
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
  const places = mounts.filter(({ special }) => own.has(special));
  const inTheWay = new Set(places.flatMap((place) => keeping(place, mounts)));
  return mounts.filter((mount) => {
    const { special, node } = mount;
    // jail(8) and jtx see to what is of a jail.
    const stays = own.has(special) ? own.get(special) === 'legacy' : inTheWay.has(mount) && !isOfJail(mount);
    return stays && !goesWithJail(unmounted, special, node);
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
  const names = new Set(tree.datasets.map(({ name }) => name));
  const own = mountsOf(names, mounts);
  const root = own.find(({ node }) => node === tree.root);
  if (tree.datasets.some(({ name, mountpoint }) => name === root?.special && mountpoint === 'legacy'))
    throw legacyMount(tree.root, own, therefore, more);
  const staying = stayingMounts(tree, mounts);
  if (staying.length > 0) {
    const named = staying.map(({ special, node }) => `${special} is mounted at ${node}`).join(', ');
    const hint = [...staying.map(({ node }) => `umount ${node}`), ...more];
    throw refused('root-busy', `${named}, by others than the jail: ${therefore}`, hint.join('\n'));
  }
  const nodes = own.map(({ node }) => node);
  const others = (await usersOf(run, nodes)).filter(({ rooted }) => !rooted).map(({ pid }) => pid);
  if (others.length === 0) return;
  const hint = [`Let them end first; ps -o pid,args -p ${others.join(',')} shows them.`, ...more];
  throw refused(
    'root-busy',
    `processes ${others.join(', ')} on the host use ${tree.root}: ${therefore}`,
    hint.join('\n'),
  );
}

/**
 * Of a tree one of whose file systems is mounted by fstab(5), which is read when the host starts, and not by zfs(8);
 * `mounts` are all that are to be unmounted, in that order.
 */
export function legacyMount(
  at: string,
  mounts: readonly Mount[],
  therefore: string,
  otherwise: readonly string[] = [],
): JtxError {
  const dataset = mounts.find(({ node }) => node === at)?.special ?? '';
  const nodes = mounts.map(({ node }) => node).join(' ');
  return refused(
    'root-busy',
    `${dataset} has a legacy mount point, at which nothing would be mounted in its stead: ${therefore}`,
    [
      'With the jail stopped, and without its line in /etc/fstab:',
      `umount ${nodes} && zfs set mountpoint=${at} ${dataset} && zfs mount -a`,
      ...otherwise,
    ].join('\n'),
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
