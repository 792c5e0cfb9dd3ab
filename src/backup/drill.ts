import { join } from 'node:path';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { newTransactionId } from '../transaction/id.ts';
import { cloneSnapshot } from '../zfs/clone.ts';
import { mountDataset, unmountDataset } from '../zfs/dataset.ts';
import { setProperties } from '../zfs/properties.ts';
import type { Abilities } from '../zfs/send.ts';
import type { BackupTarget } from './backup-target.ts';
import { makeContainer } from './container.ts';
import type { Member } from './copy.ts';
import { eachBelow } from './each-below.ts';
import { compareTrees } from './manifest.ts';
import { besides, drillContainer, drillDirectory, mountable, mountTree, takeAway } from './mounted-tree.ts';
import { receiveTree } from './receive-tree.ts';
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

/**
 * Compares every file system of what was restored with what it was made from; gives how many paths. Throws
 * `backup-unproved`, `backup-incomparable`.
 */
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
