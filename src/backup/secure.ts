import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError, refused } from '../error.ts';
import { type Lock, lockRoot } from '../host/lock.ts';
import { complaint, runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { lockDirectory } from '../transaction/lock-directory.ts';
import { recoverUnsettled } from '../transaction/recover.ts';
import { exists } from '../zfs/exists.ts';
import type { Stored } from '../zfs/inventory.ts';
import { outermost } from '../zfs/names.ts';
import { snapshotTogether } from '../zfs/snapshot.ts';
import { backupSnapshot } from './names.ts';
import type { BackupSubject } from './subjects.ts';

/** The snapshots of a backup. */
export interface Secured {
  /** By jail: the snapshot that all its datasets have. */
  snapshots: Map<string, string>;
  failed: { jail: string; error: JtxError }[];
}

/** A jail with what of it is backed up. */
export type Whole = BackupSubject & { members: readonly Stored[] };

/** Milliseconds for which a change that is under way is waited for, where it has no snapshot to be taken instead. */
const patience = 10 * 60_000;

/**
 * Snapshots jails, all in one step, while no change of any of them can begin. One that is being changed is not waited
 * for: the snapshot from before its change is the state that was committed last.
 */
export async function secureJails(context: Context, id: string, jails: readonly Whole[]): Promise<Secured> {
  const secured: Secured = { snapshots: new Map(), failed: [] };
  const locks: Lock[] = [];
  /** Those for which the action succeeds. */
  const each = async (
    some: readonly Whole[],
    action: (jail: Whole) => Promise<unknown>,
  ): Promise<Whole[]> => {
    const good: Whole[] = [];
    for (const jail of some) {
      const error = await attempt(() => action(jail));
      if (error) secured.failed.push({ jail: jail.jail.name, error });
      else good.push(jail);
    }
    return good;
  };
  try {
    const locked: Whole[] = [];
    // All the waiting comes first: what a jail does before its snapshot may keep it from its work.
    await each(jails, async (jail) => {
      const { name, root } = jail.jail;
      // Two names in jail.conf(5) can have one root: it is locked already.
      const shared = locked.some((other) => other.jail.root === root);
      const taken = shared ? undefined : await lockOrSnapshot(context, jail);
      if (typeof taken === 'string') {
        secured.snapshots.set(name, taken);
        return;
      }
      if (taken) {
        await recoverLocked(context, jail, taken);
        locks.push(taken);
      }
      locked.push(jail);
    });
    const ready = await each(locked, (jail) => inside(context, jail, 'before'));
    const together = await attempt(() => takeAll(id, ready));
    // A dataset may have gone meanwhile, or a pool be full: only its jails are to suffer from that.
    const taken = together
      ? await each(ready.toSorted(outerFirst), (jail) => takeUnlessTaken(id, jail))
      : ready;
    for (const { jail } of taken) secured.snapshots.set(jail.name, backupSnapshot(id));
    for (const jail of locked) {
      const after = await attempt(() => inside(context, jail, 'after'));
      if (after) context.progress.note(`${jail.jail.name}: ${after.message}`);
    }
  } finally {
    for (const lock of locks) lock.release();
  }
  return secured;
}

async function takeAll(id: string, jails: readonly Whole[]): Promise<void> {
  if (jails.length === 0) return;
  const snapshot = backupSnapshot(id);
  // A jail can lie within another.
  const names = new Set(jails.flatMap(({ members }) => members.map(({ name }) => `${name}@${snapshot}`)));
  const trees = outermost(jails.map(({ dataset }) => dataset)).map((name) => `${name}@${snapshot}`);
  await snapshotTogether(runCommand, [...names], trees, { backup: id });
}

/** What one jail has together with others may be there: those of another pool, or of the jail in which it lies. */
async function takeUnlessTaken(id: string, jail: Whole): Promise<void> {
  if (!(await exists(runCommand, `${jail.dataset}@${backupSnapshot(id)}`))) await takeAll(id, [jail]);
}

function outerFirst(one: Whole, other: Whole): number {
  return one.dataset < other.dataset ? -1 : 1;
}

/** Lets go of the lock where that fails: another name of this root would wait for it. */
async function recoverLocked(context: Context, { jail }: Whole, lock: Lock): Promise<void> {
  try {
    await recoverUnsettled(context, jail.name, jail.root);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The lock of a jail; where another holds it, the snapshot from before its change. */
async function lockOrSnapshot(context: Context, { jail, dataset }: Whole): Promise<Lock | string> {
  for (const until = Date.now() + patience; ; ) {
    try {
      return lockRoot(lockDirectory(context.config), jail.root);
    } catch (error) {
      if (!(error instanceof JtxError && error.outcome === 'busy')) throw error;
      const open = context.journal.unsettledOf(jail.root).find((row) => row.state === 'open');
      const snapshot = open?.verb === 'rollback' ? undefined : open?.snapshot;
      if (snapshot && (await exists(runCommand, `${dataset}@${snapshot}`))) return snapshot;
      if (Date.now() > until || context.interrupt.aborted) throw error;
    }
    await sleep(1000);
  }
}

/** A jail's own command: only one that runs has something to prepare. */
async function inside(context: Context, { jail }: Whole, when: 'before' | 'after'): Promise<void> {
  const { jails, deadline } = context.config.backup;
  const words = jails.get(jail.name)?.[when];
  if (words === undefined || !jail.running) return;
  const timeout = AbortSignal.timeout(deadline);
  const finished = await runCommand(['jexec', '-l', jail.running.name, ...words], {
    changes: true,
    silence: deadline,
    // What a jail does after its snapshot puts it back to work.
    abort: when === 'before' ? AbortSignal.any([timeout, context.interrupt]) : timeout,
  });
  if (finished.status === 0) return;
  const late = finished.hung || timeout.aborted;
  const why = late ? `it took longer than ${deadline / 1000} seconds and was ended` : complaint(finished);
  const message = `${when} the snapshot of ${jail.name}, ${words.join(' ')} failed: ${why}`;
  throw refused(
    'backup-command-failed',
    message,
    late ? 'backup.deadline sets how long it may take.' : undefined,
  );
}

async function attempt(action: () => Promise<unknown>): Promise<JtxError | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof JtxError) return error;
    throw error;
  }
}
