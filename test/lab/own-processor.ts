import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * Gives this worker, and with it every lab that it opens, one processor. A lab's programs and its zfs-fuse hand over
 * to each other at every system call; from one processor to another that takes far longer than on one.
 */
function takeProcessor(): void {
  const processors = availableParallelism();
  if (process.platform !== 'linux' || processors === 1) return;
  const own = Number(process.env['VITEST_POOL_ID'] ?? '0') % processors;
  // Where a container has other processors than the first ones, this worker keeps all that it has.
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(own), String(process.pid)]);
}

takeProcessor();
