import { dirname } from 'node:path';
import { refused } from '../error.ts';
import type { Mount } from '../host/mounts.ts';
import type { Run } from '../host/run.ts';
import { findUnmounted } from '../zfs/dataset.ts';

/**
 * The dataset that is mounted exactly at a jail's root. The mount table decides: `zfs list PATH` would give the
 * parent's where the jail's own is not mounted. Throws `dataset-not-mounted`, `root-not-dataset`.
 */
export async function datasetOf(run: Run, root: string, mounts: readonly Mount[]): Promise<string> {
  const here = mounts.findLast((mount) => mount.node === root);
  if (here && /(^|\.)zfs$/.test(here.fstype)) return here.special;
  const unmounted = await findUnmounted(run, root);
  if (unmounted) {
    throw refused(
      'dataset-not-mounted',
      `${unmounted.name} is not mounted at ${root}`,
      `zfs mount ${unmounted.name}`,
    );
  }
  const parent = mounts.findLast((mount) => mount.node === dirname(root) && /zfs$/.test(mount.fstype));
  const dataset = `${parent?.special ?? 'POOL/jails'}/${root.split('/').at(-1) ?? ''}`;
  throw refused(
    'root-not-dataset',
    `${root} is not the mount point of a dataset: a rollback would revert its neighbours too`,
    [
      'With the jail stopped, make it one:',
      `mv ${root} ${root}.old`,
      `zfs create -o mountpoint=${root} ${dataset}`,
      `cp -a ${root}.old/. ${root}/`,
    ].join('\n'),
  );
}
