import { execFileSync, spawnSync } from 'node:child_process';

/**
 * Takes file systems back to a snapshot of theirs, parents named first. Unmounted: of one that is mounted, zfs-fuse goes
 * on showing what the kernel remembers, and OpenZFS on Linux can wait for ever where a file of it was mapped.
 */
export function takeBack(datasets: readonly string[], snapshot: string): void {
  for (const dataset of [...datasets].reverse()) unmount(dataset);
  for (const dataset of datasets) execFileSync('zfs', ['rollback', '-r', `${dataset}@${snapshot}`]);
  for (const dataset of datasets) execFileSync('zfs', ['mount', dataset]);
}

/** A process that was killed lets go a moment later. */
function unmount(dataset: string): void {
  const mounted = execFileSync('zfs', ['get', '-H', '-o', 'value', 'mounted', dataset], { encoding: 'utf8' });
  if (mounted.trim() !== 'yes') return;
  for (let tried = 0; tried < 60; tried += 1) {
    if (spawnSync('zfs', ['unmount', dataset], { stdio: 'ignore' }).status === 0) return;
    spawnSync('sleep', ['0.05']);
  }
  execFileSync('zfs', ['unmount', dataset]);
}
