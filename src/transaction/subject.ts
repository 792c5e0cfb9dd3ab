import { refused } from '../error.ts';
import { listMounts, type Mount } from '../host/mounts.ts';
import type { Run } from '../host/run.ts';
import { datasetOf } from '../jail/dataset.ts';
import type { FoundJail } from '../jail/find.ts';
import { managerOf } from '../jail/manager.ts';
import { type Dataset, listTree } from '../zfs/dataset.ts';

/** The jail that a transaction changes, with everything of ZFS that belongs to it. */
export interface Subject {
  jail: FoundJail;
  dataset: string;
  /** The dataset and its children, the dataset first; of volumes those that are never reverted. */
  datasets: Dataset[];
  /** The other volumes. Who uses one does not show: it goes back only where all is set aside. */
  volumes: string[];
  mounts: Mount[];
}

/** Finds the datasets of a jail. Throws `root-not-dataset`, `dataset-not-mounted`. */
export async function findSubject(run: Run, jail: FoundJail): Promise<Subject> {
  const mounts = await listMounts(run);
  const dataset = await datasetOf(run, jail, mounts);
  const tree = await listTree(run, dataset);
  const goesAlong = ({ volume, reverted }: Dataset): boolean => volume && reverted;
  const datasets = tree.filter((member) => !goesAlong(member));
  return { jail, dataset, datasets, volumes: tree.filter(goesAlong).map(({ name }) => name), mounts };
}

/**
 * Refuses a jail on whose root another runs, whose files would go back too, and one within the root of another, which could
 * swap the way there. Throws `root-shared`.
 */
export function requireAlone(jail: FoundJail): void {
  const other = jail.others.find((running) => running.name !== jail.running?.name);
  if (!other) return;
  // jail(8) would take it down behind the back of its manager.
  const manager = managerOf({ name: other.name, root: other.path, configured: false }, undefined);
  const stop = manager?.stop ?? ['jail', '-r', other.name];
  throw refused(
    'root-shared',
    `jail ${other.name} (jid ${other.jid}) runs on ${other.path} too`,
    `Stop it first, for example: ${stop.join(' ')}`,
  );
}
