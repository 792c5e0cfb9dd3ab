import type { Config } from '../config/settings.ts';
import { messageOf } from '../error.ts';
import { runs, startJail } from '../jail/control.ts';
import type { ManagedJail } from '../jail/manager.ts';
import { exists } from '../zfs/exists.ts';
import { transactionOfSnapshot } from '../zfs/names.ts';
import { destroySnapshots, markSnapshot, releaseSnapshots } from '../zfs/snapshot.ts';
import { startDependents } from './dependents.ts';
import { notStarted } from './ending.ts';
import { unmountOwn } from './own-mounts.ts';
import { promoteTree } from './promote.ts';
import type { TransactionRecord } from './record.ts';
import { removeRehearsal } from './rehearsal.ts';

/** What is left to do once the outcome of a transaction is durable. */
export interface Settlement {
  jail: ManagedJail;
  dataset: string;
  /** Name of the snapshot after the `@`; null where there is none. */
  snapshot: string | null;
  /** What jtx has mounted in the root, in that order, as far as is known. */
  mounted: readonly string[];
  /** The state under which the snapshot is kept; null where it has nothing left to say and goes. */
  keep: 'committed' | 'rolled-back' | null;
  /** The name under which the present tree was set aside, if it was: snapshots of the jail may still lie there. */
  aside: string | null;
  /** The jail ran before, and has to run again. */
  restart: boolean;
  /** Name of the snapshot that a rollback in place went back to: one of jtx's own has served. */
  spent: string | null;
  /** The clone on which it was rehearsed may be there still. */
  cloneLeft: boolean;
}

/**
 * Ends what the outcome has decided: what jtx has mounted is unmounted; the snapshots from before that lie in what was
 * set aside are made the jail's again; one that can be gone back to, or from which something was set aside, is marked and
 * kept without its hold, any other goes; the jail is started again, and those that went down with it; a clone that was
 * busy goes. Gives what did not succeed, in words: the outcome stands, and `jtx recover` tries it again.
 */
export async function settle(
  record: TransactionRecord,
  config: Config,
  settlement: Settlement,
): Promise<string[]> {
  const { dataset, snapshot, mounted, aside, spent, jail, restart, cloneLeft } = settlement;
  const warnings: string[] = [];
  const attempt = async (what: string, action: () => Promise<void>): Promise<boolean> => {
    try {
      await action();
      return true;
    } catch (error) {
      warnings.push(`${what}: ${messageOf(error)}`);
      return false;
    }
  };
  await attempt('what was mounted', () => unmountOwn(record.run, jail.root, mounted));
  const promoted =
    aside === null || (await attempt('the snapshots from before', () => promoteTree(record.run, dataset)));
  if (snapshot !== null)
    await attempt('the snapshot', async () => {
      if (promoted || (await exists(record.run, `${dataset}@${snapshot}`)))
        await settleSnapshot(record, settlement, snapshot);
      // It keeps its hold where it lies: only how its transaction ended must not be lost with the journal.
      else if (settlement.keep !== null) await markSnapshot(record.run, aside, snapshot, settlement.keep);
    });
  if (spent !== null && transactionOfSnapshot(spent) !== undefined)
    await attempt('the snapshot', () => destroySnapshots(record.run, dataset, spent));
  const started = restart && (await attempt(notStarted, () => startJail(record.run, jail, config)));
  await attempt('what depends on it', async () => {
    // Of one that stays down, because somebody has stopped it since, they would start it.
    if (record.dependents.length > 0 && (restart || (await runs(record.run, jail))))
      warnings.push(...(await startDependents(record, config, jail)));
  });
  if (cloneLeft)
    await attempt('the clone of the rehearsal', () => removeRehearsal(record, { dataset, aside: null }));
  if (warnings.length === 0) record.write((journal) => journal.settle(record.id, Date.now()));
  // Whoever stops it from here on does not want it started by what is tried again later.
  else if (started) record.write((journal) => journal.restarted(record.id));
  return warnings;
}

async function settleSnapshot(
  record: TransactionRecord,
  { dataset, keep }: Settlement,
  snapshot: string,
): Promise<void> {
  if (keep !== null) await markSnapshot(record.run, dataset, snapshot, keep);
  await releaseSnapshots(record.run, dataset, snapshot);
  if (keep === null) await discard(record, dataset, snapshot);
}

/** One that somebody else needs, and so stays, must not look under way on the day on which the journal is lost. */
async function discard(record: TransactionRecord, dataset: string, snapshot: string): Promise<void> {
  try {
    await destroySnapshots(record.run, dataset, snapshot);
  } catch (error) {
    await markSnapshot(record.run, dataset, snapshot, 'rolled-back');
    throw error;
  }
}
