import { join } from 'node:path';
import { JtxError } from '../error.ts';
import { listMounts } from '../host/mounts.ts';
import { runCommand } from '../host/run.ts';
import { datasetOf } from '../jail/dataset.ts';
import { findJail } from '../jail/find.ts';
import type { Context } from '../transaction/context.ts';

/** Where a jail is restored to. */
export interface RestorePlace {
  root: string;
  dataset: string;
  /** A jail is there already. */
  occupied: boolean;
}

/**
 * The place of a jail: its own where it exists, else one below the jails' root. Throws `root-not-dataset`,
 * `dataset-not-mounted`.
 */
export async function placeFor(context: Context, name: string): Promise<RestorePlace> {
  const mounts = await listMounts(runCommand);
  try {
    const { root } = await findJail(runCommand, context.config, name);
    return { root, dataset: await datasetOf(runCommand, root, mounts), occupied: true };
  } catch (error) {
    if (!(error instanceof JtxError && error.code === 'jail-unknown')) throw error;
  }
  const { jailsRoot } = context.config;
  const parent = await datasetOf(runCommand, jailsRoot, mounts);
  return { root: join(jailsRoot, name), dataset: `${parent}/${name}`, occupied: false };
}
