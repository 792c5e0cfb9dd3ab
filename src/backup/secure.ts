import type { Lock } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { idAfter } from '../transaction/id.ts';
import { transactionOfSnapshot } from '../zfs/names.ts';
import { eachJail, type FailedJail } from './each-jail.ts';
import { lockOrSnapshot, snapshotUnderWay } from './lock-jail.ts';
import { backupSnapshot } from './names.ts';
import { goneMeanwhile, snapshotGone, snapshotLocked } from './snapshot-jails.ts';
import { type BackupSubject, isWhole, listTrees, membersIn, type Whole } from './subjects.ts';

/** A jail of which every member has a snapshot. */
export interface SecuredJail {
  whole: Whole;
  snapshot: string;
}

/** What there is a snapshot of, and what not. */
export interface Secured {
  jails: SecuredJail[];
  failed: FailedJail[];
}

/**
 * Snapshots jails, all in one step, while no change of any of them can begin. One that is being changed is not waited
 * for: the snapshot from before its change is the state that was committed last. Gives what of each is in its snapshot,
 * whose name sorts after every change that is in it: after `id`, that of the backup, one may have begun and ended.
 */
export async function secureJails(
  context: Context,
  id: string,
  jails: readonly BackupSubject[],
): Promise<Secured> {
  const first = await secureOnce(context, id, jails);
  if (first.lost.length === 0) return first;
  // Its change has ended while others were waited for, or goes back.
  const again = await secureOnce(context, id, first.lost);
  const failed = again.lost.map(({ jail }) => ({ jail: jail.name, error: snapshotGone(jail.name) }));
  return {
    jails: [...first.jails, ...again.jails],
    failed: [...first.failed, ...again.failed, ...failed],
  };
}

/** Lost are those whose change did not leave its snapshot alone until that was looked at. */
async function secureOnce(
  context: Context,
  id: string,
  jails: readonly BackupSubject[],
): Promise<Secured & { lost: BackupSubject[] }> {
  const failed: FailedJail[] = [];
  const locks: Lock[] = [];
  try {
    // All the waiting comes first: what a jail does before its snapshot may keep it from its work.
    const { locked, changing } = await lockAll(context, jails, locks, failed);
    const after = idOnceLocked(context, id, locked);
    const taken = await snapshotLocked(context, after, locked, failed);
    const own = taken.map(({ jail }) => [jail.name, backupSnapshot(after)] as const);
    return { failed, ...(await lookAt(context, jails, new Map([...changing, ...own]), failed)) };
  } finally {
    for (const lock of locks) lock.release();
  }
}

/**
 * The id for a snapshot of jails that are locked: that of the backup, unless a change of one of them has a later one. By the
 * backup's the state after that change would pass for one from before it.
 */
export function idOnceLocked(
  { journal }: { journal: Pick<Context['journal'], 'newest'> },
  id: string,
  locked: readonly BackupSubject[],
): string {
  const changes = locked.flatMap(({ jail }) => journal.newest(jail.root) ?? []);
  const newest = changes.sort().at(-1);
  return newest === undefined || newest < id ? id : idAfter(newest);
}

/** Those that are locked, and by name of those that are being changed the snapshots from before that. */
async function lockAll(
  context: Context,
  jails: readonly BackupSubject[],
  locks: Lock[],
  failed: FailedJail[],
): Promise<{ locked: BackupSubject[]; changing: Map<string, string> }> {
  const locked: BackupSubject[] = [];
  const changing = new Map<string, string>();
  await eachJail(failed, jails, async (jail) => {
    // Two names in jail.conf(5) can have one root: it is locked already.
    const shared = locked.some((other) => other.jail.root === jail.jail.root);
    const taken = shared ? undefined : await lockOrSnapshot(context, jail);
    if (typeof taken === 'string') {
      changing.set(jail.jail.name, taken);
      return;
    }
    if (taken) locks.push(taken);
    locked.push(jail);
  });
  return { locked, changing };
}

/** What is in the snapshots, by name of the jail; lost are those whose change does not leave them alone. */
async function lookAt(
  context: Context,
  jails: readonly BackupSubject[],
  snapshots: ReadonlyMap<string, string>,
  failed: FailedJail[],
): Promise<{ jails: SecuredJail[]; lost: BackupSubject[] }> {
  const now = await listTrees(
    runCommand,
    jails.filter(({ jail }) => snapshots.has(jail.name)),
  );
  const found: SecuredJail[] = [];
  const lost: BackupSubject[] = [];
  for (const jail of jails) {
    const snapshot = snapshots.get(jail.jail.name);
    if (snapshot === undefined) continue;
    const whole = { ...jail, members: membersIn(now, jail, snapshot) };
    const fromBefore = transactionOfSnapshot(snapshot) !== undefined;
    // After the look: a change that goes on by now has moved nothing during it.
    const alone = !fromBefore || snapshotUnderWay(context, jail.jail.root) === snapshot;
    if (alone && isWhole(whole)) found.push({ whole, snapshot });
    else if (fromBefore) lost.push(jail);
    else failed.push({ jail: jail.jail.name, error: goneMeanwhile(jail.dataset) });
  }
  return { jails: found, lost };
}
