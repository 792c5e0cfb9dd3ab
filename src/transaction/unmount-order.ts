import type { Mount } from '../host/mounts.ts';
import { isWithin } from '../zfs/names.ts';

/** Whether it is of what jail(8) mounts by parameters of its own (mount.devfs, mount.fdescfs, mount.procfs): it holds nothing. */
export function isOfJail({ fstype }: Mount): boolean {
  return /^(?:devfs|fdescfs|procfs)$/.test(fstype);
}

/**
 * Where datasets are mounted, in the order in which they are to be unmounted: last mounted first. The mount table decides:
 * of a dataset that a jail mounts itself (zfs-jail(8)) the property says only where that is in the jail, and it may lead
 * through a symlink. Pure.
 */
export function mountsOf(names: ReadonlySet<string>, mounts: readonly Mount[]): Mount[] {
  return mounts.filter(({ special }) => names.has(special)).reverse();
}

/**
 * The same, with what goes before: in them what is of a jail that does not run any more, which nobody has unmounted where it
 * ended by itself, and what jtx has mounted at `nodes`. Pure.
 */
export function mountsOfAll(
  names: ReadonlySet<string>,
  nodes: readonly string[],
  mounts: readonly Mount[],
): Mount[] {
  const own = mountsOf(names, mounts);
  const left = new Set(own.flatMap((place) => keeping(place, mounts)).filter(isOfJail));
  const jtx = ({ node, fstype }: Mount): boolean => nodes.includes(node) && !/zfs$/.test(fstype);
  return mounts.filter((mount) => own.includes(mount) || left.has(mount) || jtx(mount)).reverse();
}

/**
 * What keeps something from being unmounted: what was mounted upon it or below it, or shows something of it elsewhere. What
 * was mounted before it lies hidden below it, and is in nobody's way; ZFS sees to the snapshots that it shows below .zfs.
 * Pure.
 */
export function keeping(place: Mount, mounts: readonly Mount[]): Mount[] {
  const at = mounts.findLastIndex(({ special, node }) => special === place.special && node === place.node);
  return mounts.filter(
    ({ special, node, fstype }, index) =>
      index > at &&
      (isWithin(node, place.node) || isWithin(special, place.node)) &&
      !(/zfs$/.test(fstype) && special.includes('@')),
  );
}
