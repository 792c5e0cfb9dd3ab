import { setTimeout as sleep } from 'node:timers/promises';
import { listMounts, type Mount, unmountUnlessBusy } from '../host/mounts.ts';
import { usersOf } from '../host/processes.ts';
import type { Run } from '../host/run.ts';
import { listDying } from '../jail/running.ts';
import { isWithin } from '../zfs/names.ts';
import type { Progress } from './progress.ts';
import { keeping } from './unmount-order.ts';

const pause = 500;
/** Between two looks at a jail that is still held: each is a row of the journal. */
const closing = 2_000;
/** For how long what has just ended may still hold a file system. */
const settling = 10_000;
/** TIME_WAIT and FIN_WAIT_2 last a minute each, and what a peer has not acknowledged is sent again for longer. */
const longest = 180_000;

/**
 * Unmounts something of the tree of a stopped jail, without force. One that is busy is tried again for some seconds, and
 * for minutes while the kernel still holds the jail for a connection that it closes; not where something is mounted below.
 * False where it stays busy. Throws as what it asks.
 */
export async function unmountPatiently(
  run: Run,
  mount: Mount,
  root: string,
  progress: Progress,
): Promise<boolean> {
  const last = Date.now() + longest;
  let settled = Date.now() + settling;
  // By its directory: zfs(8) says of what is a jail's to mount that it has unmounted it, and leaves it.
  while (!(await unmountUnlessBusy(run, mount.node))) {
    if (keeping(mount, await listMounts(run)).length > 0) return false;
    if ((await isDying(run, root)) && (await usersOf(run, [mount.node])).length === 0) {
      progress.note(`${root}: the kernel still closes connections of the jail; waiting, 3 minutes at most`);
      while (Date.now() < last && (await isDying(run, root))) await sleep(closing);
      settled = Math.max(settled, Math.min(last, Date.now() + settling));
    }
    if (Date.now() > settled) return false;
    await sleep(pause);
  }
  return true;
}

/** Whether a jail that was removed still has its root here: no process shows that, and it is held until the jail is gone. */
async function isDying(run: Run, root: string): Promise<boolean> {
  return (await listDying(run)).some(({ path }) => isWithin(path, root));
}
