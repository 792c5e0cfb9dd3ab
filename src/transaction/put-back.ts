import { JtxError } from '../error.ts';
import { listRunning } from '../jail/running.ts';
import { isThrowAway } from '../jail/throw-away.ts';
import { asideName } from '../zfs/names.ts';
import { describeSnapshots } from '../zfs/snapshot.ts';
import type { Attempt } from './attempt.ts';
import { tidy } from './commit.ts';
import { dataLines, dataSince } from './data-since.ts';
import { stopWithDependents } from './dependents.ts';
import { awaitUnused, isBusy } from './in-use.ts';
import { type EndReason, stuckReason } from './reason.ts';
import { endRehearsal } from './rehearse.ts';
import type { Reversal } from './revert.ts';
import { removeScratch, scratchPath } from './scratch.ts';
import type { Session } from './session.ts';
import { revertOrSetAside, setAside } from './set-aside.ts';
import { stopToSetAside } from './stop-to-set-aside.ts';

/** For how long a change is waited for of a jail that would go down with this one, which has to go back. */
const patience = 10 * 60_000;

/** What became of putting a jail back. */
export interface PutBack {
  outcome: EndReason;
  /** Where what was left is set aside. */
  aside: string | null;
  /** The transaction's snapshot is what the jail and the aside have in common. */
  snapshotKept: boolean;
  notes?: string[];
}

/** Puts the jail back, whatever that takes; a failure of it is an outcome too. */
export async function putBack(
  attempt: Attempt,
  session: Session | undefined,
  reason: EndReason,
): Promise<PutBack> {
  const { record } = attempt;
  try {
    await session?.close();
    const ofRehearsal = await leaveRehearsal(attempt);
    if (!(await reached(attempt))) return { outcome: reason, aside: ofRehearsal, snapshotKept: false };
    if (!attempt.live) await noticeStart(attempt);
    if (attempt.live && !attempt.applying) {
      // Nothing of the jail was changed by pkg, and it goes on running.
      tidy(attempt);
      return { outcome: reason, aside: null, snapshotKept: false };
    }
    attempt.context.progress.step('rolling back', reason.message ?? undefined);
    record.write((journal) => journal.enter(record.id, 'revert'));
    const notes = attempt.live ? await whatItWrote(attempt) : [];
    const back = attempt.live ? await stopAndGoBack(attempt) : await goBack(attempt);
    // It was unmounted first.
    attempt.mounted.splice(0);
    return { outcome: reason, notes, ...back };
  } catch (failure) {
    return { outcome: stuckReason(reason, failure), aside: null, snapshotKept: false };
  }
}

/** Gives the clone's name where it is kept, as what a failed change left. */
async function leaveRehearsal(attempt: Attempt): Promise<string | null> {
  const { rehearsal, keepFailed, applying } = attempt;
  if (rehearsal && keepFailed && applying) return rehearsal.end(true);
  await endRehearsal(attempt);
  return null;
}

/** A jail that somebody has started meanwhile has written too: that is set aside, whatever was asked, and it runs again. */
async function noticeStart(attempt: Attempt): Promise<void> {
  const { record, subject } = attempt;
  const { name, root } = subject.jail;
  const running = (await listRunning(record.run)).find(
    (jail) => jail.path === root && !jail.dying && !isThrowAway(jail.name),
  );
  if (!running) return;
  attempt.live = true;
  attempt.restart = true;
  attempt.onData = 'aside';
  attempt.notes.push(`${running.name} was started while ${name} was changed.`);
}

async function stopAndGoBack(attempt: Attempt): Promise<Pick<PutBack, 'aside' | 'snapshotKept'>> {
  const { context, record, subject } = attempt;
  const { jail, dataset, datasets } = subject;
  const stop = { notes: attempt.notes, patience };
  if (attempt.onData !== 'aside') {
    await stopWithDependents(context, record, jail, stop);
    return goBack(attempt);
  }
  // Where it cannot be stopped, recovery would not know of one that was started meanwhile, and lose what it wrote.
  record.write((journal) => journal.setAside(record.id, asideName(dataset, record.id)));
  const tree = { root: jail.root, datasets, unmounted: jail.unmounted };
  await awaitUnused(record.run, tree, `it cannot be set aside, and ${jail.name} was not stopped for it`);
  return stopToSetAside(context, record, jail, stop, () => goBack(attempt));
}

/**
 * Reverts, in place or by setting aside what is there now: what a service wrote meanwhile is not thrown away unless
 * that was asked for.
 */
async function goBack(attempt: Attempt): Promise<Pick<PutBack, 'aside' | 'snapshotKept'>> {
  const { record, subject, live, onData } = attempt;
  const reversal = reversalOf(attempt);
  if (!attempt.keepFailed && !(live && onData === 'aside')) return inPlaceOf(attempt, reversal);
  attempt.notes.push(...removeScratch(subject.jail.root, scratchPath(record.id)));
  try {
    return { aside: await setAside(record, subject.dataset, reversal), snapshotKept: true };
  } catch (error) {
    // Somebody on the host uses it. Where only the failed change would be lost, putting the jail back matters more.
    if ((live && onData === 'aside') || !isBusy(error)) throw error;
    record.write((journal) => journal.setAside(record.id, null));
    attempt.notes.push(`What the failed change left could not be kept: ${error.message}.`);
    return inPlaceOf(attempt, reversal);
  }
}

async function inPlaceOf(
  { record, subject }: Attempt,
  reversal: Reversal,
): Promise<Pick<PutBack, 'aside' | 'snapshotKept'>> {
  const aside = await revertOrSetAside(record, subject.dataset, reversal);
  return { aside, snapshotKept: aside !== null };
}

/** What a jail that went on running wrote since. Throws `data-at-risk` where that is not to be touched. */
async function whatItWrote({ context, record, subject, snapshot, onData }: Attempt): Promise<string[]> {
  const written = await dataSince(context.journal, subject, snapshot, record.id);
  const lines = dataLines(written ?? []);
  if (onData !== 'refuse' || written?.length === 0) return lines;
  throw new JtxError({
    code: 'data-at-risk',
    outcome: 'stuck',
    message: `going back would take away what ${subject.jail.name} wrote since: ${lines.join('; ') || 'this zfs(8) cannot tell what'}`,
    hint: 'jtx recover sets it aside and goes back.',
  });
}

function reversalOf({ context, started, subject, snapshot, mounted, packages, live }: Attempt): Reversal {
  return {
    root: subject.jail.root,
    members: subject.datasets,
    snapshot,
    mounted,
    ownSince: live ? undefined : started,
    packages,
    progress: context.progress,
  };
}

/** Whether there is a snapshot to go back to; where there is none, nothing was changed (invariant 1). */
async function reached({ record, subject, snapshot }: Attempt): Promise<boolean> {
  const name = `${subject.dataset}@${snapshot}`;
  const found = await describeSnapshots(record.run, [name]);
  return found.length > 0;
}
