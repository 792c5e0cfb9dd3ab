import { refused } from '../error.ts';
import { type Mount, mountAbove } from '../host/mounts.ts';
import { isWithin } from '../zfs/names.ts';
import type { Subject } from './subject.ts';

/**
 * What shows something of a jail outside of its root, as by nullfs(5) in another jail, and lets it be written there. A
 * dataset goes back in place beneath it, and what was written so would be lost without a word. Pure.
 */
export function writableViews(
  { jail: { root }, datasets }: Pick<Subject, 'jail' | 'datasets'>,
  mounts: readonly Mount[],
): Mount[] {
  const reverted = new Set(datasets.filter((member) => member.reverted).map(({ name }) => name));
  return mounts.filter(({ special, node, readonly }) => {
    if (readonly || !special.startsWith('/') || isWithin(node, root)) return false;
    const lies = mountAbove(special, mounts);
    return lies !== undefined && reverted.has(lies.special);
  });
}

/** Requires that there are none. Throws `root-in-use`. */
export function requireNoViews(subject: Pick<Subject, 'jail' | 'datasets'>, mounts: readonly Mount[]): void {
  const views = writableViews(subject, mounts);
  if (views.length === 0) return;
  throw refused(
    'root-in-use',
    `${views.map(({ special, node }) => `${special} is mounted at ${node}`).join(', ')}: what is written there would go back too`,
    `Stop what uses it; umount ${views.map(({ node }) => node).join(' ')}`,
  );
}
