import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError, refused } from '../error.ts';
import { type Lock, lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { lockDirectory } from '../transaction/lock-directory.ts';
import { listUnpromoted } from '../transaction/promote.ts';
import { recoverUnsettled } from '../transaction/recover.ts';
import { exists } from '../zfs/exists.ts';
import type { BackupSubject } from './subjects.ts';

/** Milliseconds for which a change that is under way is waited for, where it has no snapshot to be taken instead. */
const patience = 10 * 60_000;

/**
 * The lock of a jail, with what a crash has left of it put right; where another holds it, the snapshot from before its
 * change. Throws `jail-busy`, `snapshots-in-use`, and as {@link recoverUnsettled}.
 */
export async function lockOrSnapshot(context: Context, subject: BackupSubject): Promise<Lock | string> {
  const taken = await waitFor(context, subject);
  if (typeof taken === 'string') return taken;
  try {
    const { jail, dataset } = subject;
    const recovered = await recoverUnsettled(context, jail.name, jail.root);
    if (recovered) requireBases(jail.name, await listUnpromoted(runCommand, dataset));
    return taken;
  } catch (error) {
    // Another name of this root would wait for it.
    taken.release();
    throw error;
  }
}

/** Without the snapshots from before, which are the bases of what is sent, all of the jail would be sent anew. */
function requireBases(jail: string, unpromoted: readonly string[]): void {
  const [first] = unpromoted;
  if (first === undefined) return;
  throw refused(
    'snapshots-in-use',
    `the snapshots of ${jail} from before it went back lie in what was set aside until none of them is being sent any more`,
    `The next backup after that, or jtx recover, brings them back; zfs promote ${first} says whether it can.`,
  );
}

async function waitFor(context: Context, { jail, dataset }: BackupSubject): Promise<Lock | string> {
  for (const until = Date.now() + patience; ; ) {
    try {
      return lockRoot(lockDirectory(context.config), jail.root, jail.name);
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
