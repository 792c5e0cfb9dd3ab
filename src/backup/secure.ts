import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError, refused } from '../error.ts';
import { type Lock, lockRoot } from '../host/lock.ts';
import { complaint, runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { lockDirectory } from '../transaction/lock-directory.ts';
import { recoverUnsettled } from '../transaction/recover.ts';
import type { Stored } from '../zfs/inventory.ts';
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
  const ready: Whole[] = [];
  try {
    for (const jail of jails) {
      const failure = await attempt(async () => {
        const taken = await lockOrSnapshot(context, jail);
        if (typeof taken === 'string') secured.snapshots.set(jail.jail.name, taken);
        else {
          locks.push(taken);
          await recoverUnsettled(context, jail.jail.name, jail.jail.root);
          await inside(context, jail, 'before');
          ready.push(jail);
        }
      });
      if (failure) secured.failed.push({ jail: jail.jail.name, error: failure });
    }
    const failure = await attempt(() => takeAll(id, ready));
    for (const jail of ready) {
      if (failure) secured.failed.push({ jail: jail.jail.name, error: failure });
      else secured.snapshots.set(jail.jail.name, backupSnapshot(id));
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
  const names = jails.flatMap(({ members }) => members.map(({ name }) => `${name}@${snapshot}`));
  const tops = jails.map(({ dataset }) => `${dataset}@${snapshot}`);
  await snapshotTogether(runCommand, names, tops, { backup: id });
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
      if (snapshot && (await exists(`${dataset}@${snapshot}`))) return snapshot;
      if (Date.now() > until || context.interrupt.aborted) throw error;
    }
    await sleep(1000);
  }
}

async function exists(snapshot: string): Promise<boolean> {
  return (await runCommand(['zfs', 'list', '-H', '-o', 'name', snapshot])).status === 0;
}

/** A jail's own command: only one that runs has something to prepare. */
async function inside(context: Context, { jail }: Whole, when: 'before' | 'after'): Promise<void> {
  const { jails, deadline } = context.config.backup;
  const words = jails.get(jail.name)?.[when];
  if (words === undefined || !jail.running) return;
  const finished = await runCommand(['jexec', '-l', jail.running.name, ...words], {
    changes: true,
    abort: AbortSignal.timeout(deadline),
  });
  if (finished.status !== 0)
    throw refused(
      'backup-command-failed',
      `${when} the snapshot of ${jail.name}, ${words.join(' ')} failed: ${complaint(finished)}`,
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
