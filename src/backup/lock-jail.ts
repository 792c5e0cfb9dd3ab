import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError } from '../error.ts';
import { type Lock, lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { lockDirectory } from '../transaction/lock-directory.ts';
import { recoverUnsettled } from '../transaction/recover.ts';
import { exists } from '../zfs/exists.ts';
import type { BackupSubject } from './subjects.ts';

/** Milliseconds for which a change that is under way is waited for, where it has no snapshot to be taken instead. */
const patience = 10 * 60_000;

/**
 * The lock of a jail, with what a crash has left of it put right; where another holds it, the snapshot from before its
 * change. Throws `jail-busy`, and as {@link recoverUnsettled}.
 */
export async function lockOrSnapshot(context: Context, subject: BackupSubject): Promise<Lock | string> {
  const taken = await waitFor(context, subject);
  if (typeof taken === 'string') return taken;
  try {
    await recoverUnsettled(context, subject.jail.name, subject.jail.root);
    return taken;
  } catch (error) {
    // Another name of this root would wait for it.
    taken.release();
    throw error;
  }
}

async function waitFor(context: Context, { jail, dataset }: BackupSubject): Promise<Lock | string> {
  for (const until = Date.now() + patience; ; ) {
    try {
      return lockRoot(lockDirectory(context.config), jail.root);
    } catch (error) {
      if (!(error instanceof JtxError && error.outcome === 'busy')) throw error;
      const snapshot = snapshotUnderWay(context, jail.root);
      if (snapshot !== undefined && (await exists(runCommand, `${dataset}@${snapshot}`))) return snapshot;
      if (Date.now() > until || context.interrupt.aborted) throw error;
    }
    await sleep(1000);
  }
}

/**
 * The snapshot from before a change of a root that is under way, whether or not it has been taken yet; undefined where there
 * is none, and from when on it goes back: then datasets may be set aside, and the snapshot goes.
 */
export function snapshotUnderWay({ journal }: Pick<Context, 'journal'>, root: string): string | undefined {
  const open = journal.unsettledOf(root).find(({ state }) => state === 'open');
  if (!open || open.verb === 'rollback' || journal.steps(open.id).at(-1)?.name === 'revert') return undefined;
  return open.snapshot ?? undefined;
}
