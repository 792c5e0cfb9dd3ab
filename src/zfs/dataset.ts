import { type Run, succeeded } from '../host/run.ts';
import { datasetName } from './names.ts';
import { listRows } from './rows.ts';

/** One ZFS file system of a jail, or a volume, which is mounted nowhere. */
export interface Dataset {
  name: string;
  volume: boolean;
  /** The property. Where it is mounted the mount table says. */
  mountpoint: string;
  mounted: boolean;
  readonly: boolean;
  /** `jtx:rollback=off`: snapshotted with the rest and never reverted. */
  reverted: boolean;
}

const columns = ['type', 'mounted', 'readonly', 'mountpoint', 'jtx:rollback'] as const;

function datasetOf([
  name = '',
  type,
  mounted,
  readonly,
  mountpoint = '',
  rollback,
]: readonly string[]): Dataset {
  return {
    name,
    volume: type === 'volume',
    mountpoint,
    mounted: mounted === 'yes',
    readonly: readonly === 'on',
    reverted: rollback !== 'off',
  };
}

/** A dataset and everything below it, the dataset itself first: one process whatever their number. Throws `command-failed`. */
export async function listTree(run: Run, dataset: string): Promise<Dataset[]> {
  const trees = { tops: [datasetName(dataset)], types: ['filesystem', 'volume'] };
  return (await listRows(run, trees, columns)).map(datasetOf);
}

/**
 * In the order in which they are to be mounted: by where they will lie, which their names need not follow. A dataset
 * that is mounted after what lies below its place hides that.
 */
export function inMountOrder<T extends Pick<Dataset, 'mountpoint'>>(datasets: readonly T[]): T[] {
  return datasets.toSorted((one, other) => (one.mountpoint < other.mountpoint ? -1 : 1));
}

/** In the order in which they are to be cloned: parents first, and else as they lie: zfs(8) mounts a clone at once. */
export function inCloneOrder<T extends Pick<Dataset, 'name' | 'mountpoint'>>(datasets: readonly T[]): T[] {
  const left = inMountOrder(datasets);
  const done: T[] = [];
  while (left.length > 0) {
    const next = left.findIndex(({ name }) => !left.some((other) => name.startsWith(`${other.name}/`)));
    done.push(...left.splice(Math.max(next, 0), 1));
  }
  return done;
}

/** Every file system of the host. Throws `command-failed`. */
export async function listAll(run: Run): Promise<Dataset[]> {
  return (await listRows(run, { tops: [], types: ['filesystem'] }, columns)).map(datasetOf);
}

/** The file system that is not mounted but would be at this directory, if there is one. */
export async function findUnmounted(run: Run, mountpoint: string): Promise<Dataset | undefined> {
  return (await listAll(run)).find((dataset) => dataset.mountpoint === mountpoint && !dataset.mounted);
}

// What is mounted by fstab(5), or by a jail to which it was given, is for them to mount again; what has no place never is.
const mountedOtherwise = /already mounted|legacy mountpoint|exported to a local zone|no mountpoint set/;

/** Mounts a dataset in its place, where that is zfs(8)'s to do; mounted already is fine. Throws `command-failed`. */
export async function mountDataset(run: Run, dataset: string): Promise<void> {
  const finished = await run(['zfs', 'mount', datasetName(dataset)], { changes: true });
  if (!mountedOtherwise.test(finished.stderr)) succeeded(finished);
}

/** Unmounts a dataset without force. False where it is busy. */
export async function unmountDataset(run: Run, dataset: string): Promise<boolean> {
  const finished = await run(['zfs', 'unmount', datasetName(dataset)], { changes: true });
  return finished.status === 0 || /not currently mounted/.test(finished.stderr);
}
