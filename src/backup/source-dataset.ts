import { JtxError } from '../error.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { exists } from '../zfs/exists.ts';
import { placeFor } from './restore-place.ts';
import { findSubjects } from './subjects.ts';

/**
 * The dataset of a jail, with whose snapshots its backups can be compared; undefined where it is not here any more.
 * Throws `dataset-not-mounted`, `root-is-host`, `jail-conf-invalid`.
 */
export async function sourceDataset(context: Context, jail: string): Promise<string | undefined> {
  try {
    const { dataset } = await placeFor(context, jail);
    return (await exists(runCommand, dataset)) ? dataset : undefined;
  } catch (error) {
    // What is left of its root, or a host whose jails do not lie below the jails' root.
    if (error instanceof JtxError && ['root-not-dataset', 'no-place'].includes(error.code)) return undefined;
    throw error;
  }
}

/** Those of some jails that have no dataset here any more. Four processes, and a few for each that is not to be found. */
export async function withoutSource(context: Context, jails: readonly string[]): Promise<Set<string>> {
  const gone = new Set<string>();
  if (jails.length === 0) return gone;
  const { failed } = await findSubjects(runCommand, context.config, jails, []);
  for (const { jail, error } of failed) {
    const isMissing = ['jail-unknown', 'root-not-dataset'].includes(error.code);
    if (isMissing && (await sourceDataset(context, jail)) === undefined) gone.add(jail);
  }
  return gone;
}
