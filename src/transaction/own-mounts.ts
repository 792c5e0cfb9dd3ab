import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError, messageOf } from '../error.ts';
import { listMounts, type Mount, unmount } from '../host/mounts.ts';
import { usersOf } from '../host/processes.ts';
import type { Run } from '../host/run.ts';
import { listRunning } from '../jail/running.ts';
import { isThrowAway } from '../jail/throw-away.ts';
import type { CommandRow } from '../journal/rows.ts';
import { isWithin } from '../zfs/names.ts';
import { endRooted } from './processes.ts';

/** For how long what has just ended, or only looks around, may still hold a mount. */
const patience = 10_000;
const pause = 1_000;

/**
 * What a transaction has mounted in its jail's root and not unmounted since, in that order, as its commands say; one that
 * was cut off may have done its work. Pure.
 */
export function stillMounted(
  commands: readonly Pick<CommandRow, 'command' | 'status'>[],
  root: string,
): string[] {
  const nodes: string[] = [];
  for (const { command, status } of commands) {
    const node = command.at(-1) ?? '';
    if (!node.startsWith(`${root}/`)) continue;
    if (command[0] === 'mount' && (status ?? 0) === 0) nodes.push(node);
    const last = nodes.lastIndexOf(node);
    if (command[0] === 'umount' && status === 0 && last >= 0) nodes.splice(last, 1);
  }
  return nodes;
}

/**
 * Unmounts what jtx has mounted in the root of a jail, in any order that the mount table says. What is in use is tried again
 * for some seconds, and the processes that are still rooted in the jail end; but nothing is touched of a jail that runs:
 * what lies on top there is its own. Throws `mount-busy`, `processes-remain`, `command-failed`.
 */
export async function unmountOwn(run: Run, root: string, nodes: readonly string[]): Promise<void> {
  if (nodes.length === 0) return;
  const end = Date.now() + patience;
  for (;;) {
    const mounts = await listMounts(run);
    const there = mounts.filter(({ node, fstype }) => nodes.includes(node) && !/zfs$/.test(fstype));
    if (there.length === 0) return;
    if (await isRunning(run, root)) return requireNothingBelow(there);
    const failure = await unmountEach(run, there.reverse());
    if (failure === undefined) return;
    if (Date.now() > end) throw await busy(run, failure);
    const own = mounts.filter(({ node, fstype }) => /zfs$/.test(fstype) && isWithin(node, root));
    await endRooted(
      run,
      own.map(({ node }) => node),
    );
    await sleep(pause);
  }
}

/** What a jail that was started meanwhile has mounted over it keeps it there until that jail is stopped. */
function requireNothingBelow(there: readonly Mount[]): void {
  const twice = there.find(({ node }, at) => there.findIndex((mount) => mount.node === node) < at);
  if (!twice) return;
  throw new JtxError({
    code: 'mount-busy',
    outcome: 'stuck',
    message: `at ${twice.node} it lies below what the jail, which runs, has mounted there`,
  });
}

async function isRunning(run: Run, root: string): Promise<boolean> {
  return (await listRunning(run)).some(
    ({ path, name, dying }) => isWithin(path, root) && !dying && !isThrowAway(name),
  );
}

interface Failure {
  node: string;
  error: JtxError;
}

/** Those that can be; gives the first failure. */
async function unmountEach(run: Run, mounts: readonly Mount[]): Promise<Failure | undefined> {
  let first: Failure | undefined;
  for (const { node } of mounts) {
    try {
      await unmount(run, node);
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      first ??= { node, error };
    }
  }
  return first;
}

async function busy(run: Run, { node, error }: Failure): Promise<JtxError> {
  const users = (await usersOf(run, [node])).map(({ pid }) => pid);
  const by = users.length === 0 ? '' : `; processes ${users.join(', ')} of the host use it`;
  return new JtxError({ code: 'mount-busy', outcome: 'stuck', message: messageOf(error) + by });
}
