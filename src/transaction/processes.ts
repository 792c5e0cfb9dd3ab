import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError, refused } from '../error.ts';
import { listMounts } from '../host/mounts.ts';
import { endProcess, listProcesses, type Process, usersOf } from '../host/processes.ts';
import { type Run, signalGroup } from '../host/run.ts';
import type { Subject } from './subject.ts';
import { mountsOf } from './unmount-order.ts';
import { requireNoViews } from './views.ts';

/** A command that the journal knows as started and not as ended. */
export interface InFlight {
  command: readonly string[];
  pid: number | null;
  /** Milliseconds since the epoch at which it was seen as this process. */
  pidStarted: number | null;
  /** Milliseconds since the epoch at which jtx started it. */
  started: number;
}

const patience = 30_000;
const clockSlack = 2_500;

/**
 * Which running processes belong to commands that a dead jtx left under way, pure. A command is known again by
 * its arguments, its process group by its number and the age of its members.
 */
export function leftovers(
  running: readonly Process[],
  inFlight: readonly InFlight[],
  scratch: string,
): Process[] {
  return running.filter((candidate) => {
    if (candidate.command.includes(`${scratch}/`)) return true;
    return inFlight.some((left) => {
      if (candidate.started < left.started - clockSlack) return false;
      return candidate.group === left.pid || candidate.command.endsWith(left.command.join(' '));
    });
  });
}

/**
 * The commands without the numbers that have been given to others since, as after a reboot: a group has the number of
 * the process that began it, and no other process gets that while the group lasts. Pure.
 */
export function withoutStrangers(running: readonly Process[], inFlight: readonly InFlight[]): InFlight[] {
  const started = new Map(running.map((process) => [process.pid, process.started]));
  return inFlight.map((left) => {
    const since = left.pid === null ? undefined : started.get(left.pid);
    const seen = left.pidStarted ?? left.started;
    return since !== undefined && since > seen + clockSlack ? { ...left, pid: null } : left;
  });
}

/** Whether a leftover is a package run, which has to be ended, or a command of a moment, which has to be awaited. */
function isPackageRun(candidate: Process, inFlight: readonly InFlight[], scratch: string): boolean {
  return candidate.command.includes(`${scratch}/`) || inFlight.some((left) => left.pid === candidate.group);
}

/**
 * Ends or awaits what a dead jtx left under way, so that nothing changes the jail behind recovery's back.
 * Throws `processes-remain`.
 */
export async function endLeftovers(run: Run, inFlight: readonly InFlight[], scratch: string): Promise<void> {
  await until(async () => {
    const running = await listProcesses(run);
    const own = withoutStrangers(running, inFlight);
    const left = leftovers(running, own, scratch).filter(
      (candidate) => candidate.pid !== process.pid && candidate.group !== process.pid,
    );
    for (const candidate of left) {
      if (isPackageRun(candidate, own, scratch)) signalGroup(candidate.group, 'SIGKILL');
    }
    return left.map((candidate) => candidate.pid);
  });
}

/**
 * Ends every process whose root directory lies in the jail: what package scripts left behind, in whatever
 * session. A person's shell that merely stands there is left alone. Throws `processes-remain`.
 */
export async function endRooted(run: Run, mountPoints: readonly string[]): Promise<void> {
  await until(async () => {
    const rooted = (await usersOf(run, mountPoints)).filter((user) => user.rooted).map((user) => user.pid);
    for (const pid of rooted) endProcess(pid);
    // Those that have gone as well: each can have left another since the listing.
    return rooted;
  });
}

/**
 * Requires that nobody works with the jail for a root directory, or can write to it from elsewhere: a rollback would end
 * them, or take away what they wrote, and they are not this transaction's own. Throws `root-in-use`.
 */
export async function requireQuiet(run: Run, subject: Subject): Promise<void> {
  const { jail } = subject;
  const mounts = await listMounts(run);
  requireNoViews(subject, mounts);
  const own = mountsOf(new Set(subject.datasets.map(({ name }) => name)), mounts);
  const users = await usersOf(
    run,
    own.map(({ node }) => node),
  );
  const rooted = users.filter((user) => user.rooted).map((user) => user.pid);
  if (rooted.length === 0) return;
  throw refused(
    'root-in-use',
    `processes ${rooted.join(', ')} run with their root directory in ${jail.root}`,
    `Let them end first; ps -o pid,args -p ${rooted.join(',')} shows them.`,
  );
}

async function until(left: () => Promise<number[]>): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const remaining = await left();
    if (remaining.length === 0) return;
    if (Date.now() > end) {
      throw new JtxError({
        code: 'processes-remain',
        outcome: 'stuck',
        message: `processes ${remaining.join(', ')} still use the jail and do not end`,
        hint: `ps -o pid,state,args -p ${remaining.join(',')}`,
      });
    }
    await sleep(20);
  }
}
