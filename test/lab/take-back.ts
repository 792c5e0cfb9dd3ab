import { execFileSync, spawnSync } from 'node:child_process';

/**
 * Takes file systems back to a snapshot of theirs, parents named first. Unmounted: of one that is mounted, zfs-fuse goes
 * on showing what the kernel remembers, and OpenZFS on Linux can wait for ever where a file of it was mapped.
 */
export function takeBack(datasets: readonly string[], snapshot: string): void {
  for (const dataset of [...datasets].reverse()) if (mounted(dataset)) soon('unmount', dataset);
  for (const dataset of datasets) soon('rollback', '-r', `${dataset}@${snapshot}`);
  for (const dataset of datasets) soon('mount', dataset);
}

function mounted(dataset: string): boolean {
  const options = ['get', '-H', '-o', 'value', 'mounted', dataset];
  return execFileSync('zfs', options, { encoding: 'utf8' }).trim() === 'yes';
}

/** A process that was killed lets go of its files a moment later, and zfs-fuse of a file system that was unmounted. */
function soon(...args: string[]): void {
  for (let tried = 0; tried < 60; tried += 1) {
    if (spawnSync('zfs', args, { stdio: 'ignore' }).status === 0) return;
    spawnSync('sleep', ['0.05']);
  }
  execFileSync('zfs', args);
}
