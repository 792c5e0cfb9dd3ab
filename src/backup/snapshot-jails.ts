import { type JtxError, refused } from '../error.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { exists } from '../zfs/exists.ts';
import { outermost } from '../zfs/names.ts';
import { snapshotTogether } from '../zfs/snapshot.ts';
import { attempt, eachJail, type FailedJail } from './each-jail.ts';
import { runInside } from './jail-command.ts';
import { backupSnapshot } from './names.ts';
import { type BackupSubject, hasSnapshot, isWhole, listTrees, membersOf, type Whole } from './subjects.ts';

/** Snapshots jails that are locked, all in one step. Gives those of which there is the backup's own snapshot now. */
export async function snapshotLocked(
  context: Context,
  id: string,
  locked: readonly BackupSubject[],
  failed: FailedJail[],
): Promise<BackupSubject[]> {
  const ready = await eachJail(failed, locked, (jail) => runInside(context, jail, 'before'));
  // Until it was locked a tree could be half set aside.
  const found = await listTrees(runCommand, ready);
  const trees = ready.map((jail) => ({ ...jail, members: membersOf(found, jail) }));
  const whole = await eachJail(failed, trees, (jail) => requireFresh(jail, id));
  const together = await attempt(() => takeAll(id, whole));
  // A dataset may have gone meanwhile, or a pool be full: only its jails are to suffer from that.
  const taken = together
    ? await eachJail(failed, whole.toSorted(outerFirst), (jail) => takeUnlessTaken(id, jail))
    : whole;
  for (const jail of locked) {
    const after = await attempt(() => runInside(context, jail, 'after'));
    if (after) context.progress.note(`${jail.jail.name}: ${after.message}`);
  }
  return taken;
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

/**
 * Throws `dataset-gone` where a jail is not there, `snapshot-gone` where it has the snapshot already: with the jail in
 * which it lies it was taken while this one was being changed.
 */
function requireFresh(jail: Whole, id: string): void {
  if (!isWhole(jail)) throw goneMeanwhile(jail.dataset);
  if (jail.members.some((member) => hasSnapshot(member, backupSnapshot(id))))
    throw snapshotGone(jail.jail.name);
}

/** A dataset that was there when the backup began is there no more. */
export function goneMeanwhile(dataset: string): JtxError {
  return refused(
    'dataset-gone',
    `${dataset} has gone since the backup began`,
    'The next backup looks for it again.',
  );
}

/** The snapshot from before a change is there no more. */
export function snapshotGone(jail: string): JtxError {
  return refused(
    'snapshot-gone',
    `${jail} was being changed, and the snapshot from before that has gone since the backup began`,
    'jtx backup, once the change has ended.',
  );
}
