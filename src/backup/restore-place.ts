import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { JtxError, refused } from '../error.ts';
import { listMounts, type Mount } from '../host/mounts.ts';
import { runCommand } from '../host/run.ts';
import { datasetOf, zfsAt } from '../jail/dataset.ts';
import { findAmong, listKnown, pathOf, realPath } from '../jail/find.ts';
import type { Context } from '../transaction/context.ts';

/** Where a jail is restored to. */
export interface RestorePlace {
  root: string;
  dataset: string;
  /** A jail is there already. */
  occupied: boolean;
}

/**
 * The place of a jail: its own where it exists, else where it would lie, which jail.conf(5) says or the jails' root does.
 * Throws `root-not-dataset`, `dataset-not-mounted`, `no-place`.
 */
export async function placeFor(context: Context, name: string): Promise<RestorePlace> {
  const { config } = context;
  const mounts = await listMounts(runCommand);
  const known = await listKnown(runCommand, config);
  try {
    const jail = findAmong(known, config, name);
    return { root: jail.root, dataset: await datasetOf(runCommand, jail, mounts), occupied: true };
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
    const path = pathOf(known, config, name);
    const isFree = error.code === 'jail-unknown' || (error.code === 'root-not-dataset' && isEmpty(path));
    if (!isFree) throw error;
    return freePlace(path, mounts);
  }
}

/** Below a directory that is a dataset's mount point: there it is mounted by its name alone. */
function freePlace(path: string, mounts: readonly Mount[]): RestorePlace {
  const above = realPath(dirname(path));
  const parent = above === undefined ? undefined : zfsAt(above, mounts);
  if (above === undefined || parent === undefined)
    throw refused(
      'no-place',
      `the jail would lie at ${path}, and no dataset is mounted at ${dirname(path)}`,
      `zfs create -o mountpoint=${dirname(path)} POOL/NAME makes it one; what is in no jail.conf(5) goes below jails_root.`,
    );
  return { root: join(above, basename(path)), dataset: `${parent}/${basename(path)}`, occupied: false };
}

/** What zfs(8) leaves of a mount point. */
function isEmpty(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).length === 0;
}
