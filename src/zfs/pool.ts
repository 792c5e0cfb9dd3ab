import { refused } from '../error.ts';
import { complaint, type Run } from '../host/run.ts';

/**
 * Requires a pool that can be written to and trusted. Throws `pool-unhealthy` for one that is faulted,
 * suspended or gone; a degraded pool still keeps its promises.
 */
export async function requireHealthyPool(run: Run, pool: string): Promise<void> {
  const listed = await run(['zpool', 'list', '-H', '-o', 'health', pool]);
  const health = listed.stdout.trim();
  if (listed.status === 0 && (health === 'ONLINE' || health === 'DEGRADED')) return;
  throw refused(
    'pool-unhealthy',
    `pool ${pool} is ${listed.status === 0 ? health : `not usable: ${complaint(listed)}`}`,
    `zpool status -v ${pool}`,
  );
}
