import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { refused } from '../error.ts';
import { requirePlace } from '../host/inside-root.ts';
import { listMounts, unmount } from '../host/mounts.ts';
import { runCommand } from '../host/run.ts';
import { listRunning } from '../jail/running.ts';
import { removeThrowAwayJail } from '../jail/throw-away.ts';
import type { Context } from '../transaction/context.ts';
import { newTransactionId } from '../transaction/id.ts';
import { cloneSnapshot } from '../zfs/clone.ts';
import { inMountOrder, mountDataset, unmountDataset } from '../zfs/dataset.ts';
import { reloadKeys, whyLocked } from '../zfs/keys.ts';
import { poolOf } from '../zfs/names.ts';
import { setProperties } from '../zfs/properties.ts';
import type { Abilities } from '../zfs/send.ts';
import type { BackupTarget } from './backup-target.ts';
import { destroyContainer, listContainers, makeContainer } from './container.ts';
import { type Copy, type Member, orphansOf } from './copy.ts';
import { eachBelow } from './each-below.ts';
import { compareTrees } from './manifest.ts';
import { receiveTree } from './receive-tree.ts';
import { keyLocations } from './restored-tree.ts';
import { findSource } from './source-snapshots.ts';
import { unproved } from './unproved.ts';
import { verifyRestored } from './verify-restored.ts';

/** A backup that is to be restored, to see whether it can be. */
export interface Drill {
  target: BackupTarget;
  jail: string;
  backup: string;
  members: readonly Member[];
  abilities: Abilities;
  /** The jail's own dataset, whose snapshot it was made from. */
  dataset: string;
}

/** Where a part of a jail is mounted to be looked at. */
interface Place {
  path: string;
  mountpoint: string;
}

/**
 * Restores a backup beside everything, compares every file of it with the snapshot that it was made from, verifies
 * it, and takes it all away again. Gives what was looked at, in words. Throws as {@link isFinding} says for
 * what does not hold, and any other {@link JtxError} for what keeps it from being looked at.
 */
export async function proveBackup(context: Context, drill: Drill): Promise<string> {
  let looked: readonly string[];
  try {
    looked = await lookAt(context, drill);
  } catch (error) {
    // What was found out is told all the same: what stays the next drill takes away, or says why it cannot.
    await takeAway(context).catch(() => undefined);
    throw error;
  }
  await takeAway(context);
  return looked.join('; ');
}

async function lookAt(context: Context, drill: Drill): Promise<string[]> {
  const id = newTransactionId();
  const container = drillContainer(drill.dataset, id);
  const trees = [`${container}/restored`, `${container}/source`] as const;
  const roots = [
    join(drillDirectory(context), id, 'restored'),
    join(drillDirectory(context), id, 'source'),
  ] as const;
  await makeContainer(runCommand, container, id);
  await receiveTree(context, runCommand, drill.target, drill.members, { ...drill, top: trees[0] });
  await mountTree(drill.members, trees[0], roots[0]);
  const snapshots = await findSource(drill);
  await cloneSource(drill.members, snapshots, trees[1]);
  await mountTree(drill.members, trees[1], roots[1]);
  context.progress.step('comparing', `${drill.jail} with ${snapshots.get('') ?? drill.dataset}`);
  const entries = await compareAll(drill.members, roots, context.interrupt);
  // pkg locks what it checks, and a probe may write.
  await allowWriting(drill.members, trees[0]);
  const passed = await verifyRestored(context, drill.jail, roots[0], id);
  return [`${entries} files and directories are the same`, ...notCompared(drill), ...passed];
}

/** Compares every file system of what was restored with what it was made from; gives how many paths. Throws `backup-unproved`. */
async function compareAll(
  members: readonly Member[],
  [restored, source]: readonly [string, string],
  signal: AbortSignal,
): Promise<number> {
  const differences: string[] = [];
  let entries = 0;
  for (const { path, mountpoint } of [{ path: '', mountpoint: '' }, ...besides(members, '')]) {
    const found = await compareTrees(source + mountpoint, restored + mountpoint, signal);
    const where = path === '' ? '' : `in ${path.slice(1)}: `;
    differences.push(...found.differences.map((difference) => where + difference));
    entries += found.entries;
  }
  if (differences.length > 0) throw unproved(`not what was backed up: ${differences.join(', ')}`);
  return entries;
}

/** What has come, and is no file system. */
function notCompared({ members, dataset }: Drill): string[] {
  const volumes = members.filter(({ copy }) => copy.volume).map(({ copy }) => dataset + copy.path);
  return volumes.length === 0 ? [] : [`not compared: ${volumes.join(', ')}`];
}

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
  for (const { name } of await listContainers(runCommand, /^[^/@]+\/jtx-drill-([0-9A-Z]{26})$/))
    await destroyContainer(runCommand, name);
  rmSync(directory, { recursive: true, force: true });
}

/** What a drill receives lies below this. */
export function drillContainer(dataset: string, id: string): string {
  return `${poolOf(dataset)}/jtx-drill-${id}`;
}

/** Where what was restored for a look is mounted. */
export function drillDirectory({ config }: Context): string {
  return join(dirname(config.journal), 'drill');
}

/** Mounts a tree that was received, below a directory that nobody but root can enter. Throws `key-missing`, `root-unsafe`. */
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

/** File systems that the jail has, and that are nowhere in its root: each has a place beside that, to be looked at. Pure. */
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

/** Not earlier: where a mount point is set in a tree that can be written to, zfs(8) makes its directory anew. */
async function allowWriting(members: readonly Member[], top: string): Promise<void> {
  const mounted = mountable(members, '');
  for (const { path } of [...mounted].reverse()) await unmountDataset(runCommand, top + path);
  for (const { path } of mounted) {
    await setProperties(runCommand, top + path, [['readonly', 'off']]);
    await mountDataset(runCommand, top + path);
  }
}

/** The snapshots that it was made from, as trees of its own: what it is compared with must lie in the same places. */
async function cloneSource(
  members: readonly Member[],
  snapshots: ReadonlyMap<string, string>,
  top: string,
): Promise<void> {
  const sealed = [['readonly', 'on'] as const, ['canmount', 'noauto'] as const];
  await eachBelow(runCommand, top, members, async ({ copy }, dataset) => {
    const snapshot = snapshots.get(copy.path);
    if (snapshot !== undefined) await cloneSnapshot(runCommand, snapshot, dataset, copy.volume ? [] : sealed);
  });
}
