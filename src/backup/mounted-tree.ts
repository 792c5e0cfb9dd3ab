import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { refused } from '../error.ts';
import { requirePlace } from '../host/inside-root.ts';
import { listMounts, unmount } from '../host/mounts.ts';
import { runCommand } from '../host/run.ts';
import { listRunning } from '../jail/running.ts';
import { removeThrowAwayJail } from '../jail/throw-away.ts';
import type { Context } from '../transaction/context.ts';
import { inMountOrder, mountDataset, unmountDataset } from '../zfs/dataset.ts';
import { reloadKeys, whyLocked } from '../zfs/keys.ts';
import { idPattern, poolOf } from '../zfs/names.ts';
import { setProperties } from '../zfs/properties.ts';
import { destroyContainer, listContainers } from './container.ts';
import { type Copy, type Member, orphansOf } from './copy.ts';
import { keyLocations } from './restored-tree.ts';

/** Where a part of a jail is mounted to be looked at. */
interface Place {
  path: string;
  mountpoint: string;
}

/** What a drill receives lies below this. */
export function drillContainer(dataset: string, id: string): string {
  return `${poolOf(dataset)}/jtx-drill-${id}`;
}

/** Where what was restored for a look is mounted. */
export function drillDirectory({ config }: Context): string {
  return join(dirname(config.journal), 'drill');
}

/**
 * Mounts a tree that was received, below a directory that nobody but root can enter. Throws `key-missing`,
 * `root-unsafe`.
 */
export async function mountTree(members: readonly Member[], top: string, root: string): Promise<void> {
  for (const directory of [root, ...besides(members, root).map(({ mountpoint }) => mountpoint)])
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  const keys = keyLocations(members);
  for (const { copy } of members) {
    const key = keys.get(copy.path);
    // Of a dataset that is not encrypted it cannot be set.
    if (key !== undefined)
      await runCommand(['zfs', 'set', `keylocation=${key}`, top + copy.path], { changes: true });
  }
  const locked = await reloadKeys(runCommand, top);
  if (locked.length > 0)
    throw refused('key-missing', locked.map((one) => `${one.name} is locked: ${whyLocked(one)}`).join('; '));
  for (const { path, mountpoint } of [...mountable(members, root), ...besides(members, root)]) {
    // In what was restored, too, the jail can have put a link above the place of a child.
    requirePlace(root, mountpoint);
    await setProperties(runCommand, top + path, [['mountpoint', mountpoint]]);
    await mountDataset(runCommand, top + path);
  }
}

/** What has a place below a root, in the order in which it is to be mounted there. Pure. */
export function mountable(members: readonly Member[], root: string): Place[] {
  const orphans = orphansOf(members);
  return inMountOrder(
    members.flatMap(({ copy }) =>
      hasPlace(copy, orphans) ? [{ path: copy.path, mountpoint: root + (copy.at ?? '') }] : [],
    ),
  );
}

/**
 * File systems that the jail has, and that are nowhere in its root: each has a place beside that, to be looked at.
 * Pure.
 */
export function besides(members: readonly Member[], root: string): Place[] {
  const orphans = orphansOf(members);
  return members
    .filter(({ copy }) => !hasPlace(copy, orphans) && !copy.volume)
    .map(({ copy: { path } }, at) => ({ path, mountpoint: `${root}.beside-${at}` }));
}

/**
 * What is not mounted by itself may hold files all the same, as what is mounted by the jail or by fstab(5) does. The
 * directory on which an orphan was mounted may have been left out with its parent.
 */
function hasPlace({ path, at, volume, properties }: Copy, orphans: ReadonlySet<string>): boolean {
  const off = properties.some(([name, value]) => name === 'canmount' && value === 'off');
  return path === '' || (at !== undefined && !volume && !off && !orphans.has(path));
}

const drills = new RegExp(`^[^/@]+/jtx-drill-(${idPattern})$`);

/** Takes away what drills have left, this one or one that was cut off: all of it is jtx's own. */
export async function takeAway(context: Context): Promise<void> {
  const directory = drillDirectory(context);
  for (const { name, path } of await listRunning(runCommand))
    if (path.startsWith(`${directory}/`)) await removeThrowAwayJail(runCommand, name);
  const mounts = (await listMounts(runCommand)).filter(({ node }) => node.startsWith(`${directory}/`));
  for (const { node, special, fstype } of mounts.reverse()) {
    if (/zfs$/.test(fstype)) await unmountDataset(runCommand, special);
    else await unmount(runCommand, node);
  }
  for (const { name } of await listContainers(runCommand, drills)) await destroyContainer(runCommand, name);
  rmSync(directory, { recursive: true, force: true });
}
