import { basename, dirname } from 'node:path';
import { refused } from '../error.ts';
import type { Mount } from '../host/mounts.ts';
import type { Run } from '../host/run.ts';
import { findUnmounted } from '../zfs/dataset.ts';
import type { FoundJail } from './find.ts';

/**
 * The dataset that is mounted exactly at a jail's root. The mount table decides: `zfs list PATH` would give the
 * parent's where the jail's own is not mounted. Throws `dataset-not-mounted`, `root-not-dataset`.
 */
export async function datasetOf(
  run: Run,
  { root, covers }: Pick<FoundJail, 'root' | 'covers'>,
  mounts: readonly Mount[],
): Promise<string> {
  requireBare(root, covers, mounts);
  const here = zfsAt(root, mounts);
  if (here !== undefined) return here;
  const unmounted = await findUnmounted(run, root);
  if (unmounted) {
    throw refused(
      'dataset-not-mounted',
      `${unmounted.name} is not mounted at ${root}`,
      `zfs mount ${unmounted.name}`,
    );
  }
  throw refused(
    'root-not-dataset',
    `${root} is not the mount point of a dataset: a rollback would revert its neighbours too`,
    [
      'With the jail stopped, make it one:',
      `mv ${word(root)} ${word(`${root}.old`)}`,
      `zfs create -o mountpoint=${word(root)} ${word(`${datasetAbove(root, mounts)}/${basename(root)}`)}`,
      // Unlike cp(1), tar(1) keeps a file with many names one file: /rescue has 150 of one.
      `tar -C ${word(`${root}.old`)} -cf - . | tar -C ${word(root)} -xpf -`,
    ].join('\n'),
  );
}

/** What is mounted on the root itself hides the jail's dataset, if it has one, with all that would be changed in it. */
function requireBare(root: string, covers: FoundJail['covers'], mounts: readonly Mount[]): void {
  const now = mounts.findLast(({ node }) => node === root);
  const all = [...covers.filter(({ path }) => path === ''), ...(now ? [{ ...now, type: now.fstype }] : [])];
  const special = all.find(({ type }) => /^(?:nullfs|unionfs)$/.test(type))?.special;
  if (special === undefined) return;
  throw refused(
    'root-not-dataset',
    `${special} is mounted on ${root} itself for the jail: jtx cannot change a jail whose root is no dataset of its own`,
    "Instead of that, mount the base in a directory of the root, with links into it, or make the root a clone of the base's dataset.",
  );
}

/** The dataset that is mounted exactly at a directory. */
export function zfsAt(directory: string, mounts: readonly Mount[]): string | undefined {
  const here = mounts.findLast((mount) => mount.node === directory);
  return here && isZfs(here) ? here.special : undefined;
}

/** The dataset that the root's files are in now: the nearest one mounted above. */
function datasetAbove(root: string, mounts: readonly Mount[]): string {
  for (let above = dirname(root); above !== '/'; above = dirname(above)) {
    const mount = mounts.findLast((candidate) => candidate.node === above);
    if (mount) return isZfs(mount) ? mount.special : 'POOL/jails';
  }
  return 'POOL/jails';
}

function isZfs(mount: Mount): boolean {
  return /(^|\.)zfs$/.test(mount.fstype);
}

/** A word as it has to be typed into a shell. */
function word(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
