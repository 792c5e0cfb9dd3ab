import { refused } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { left } from '../journal/rebuild.ts';
import type { EndState, TransactionRow } from '../journal/rows.ts';
import { unknownTransaction } from '../journal/unknown-transaction.ts';
import { splitSnapshot } from '../zfs/names.ts';
import { describeSnapshots, markSnapshot, releaseSnapshots } from '../zfs/snapshot.ts';
import type { Context } from './context.ts';
import { type Ending, endingOf } from './ending.ts';
import { lockDirectory } from './lock-directory.ts';
import { endLeftovers } from './processes.ts';
import { TransactionRecord } from './record.ts';
import { scratchPath } from './scratch.ts';

/**
 * Closes a transaction that recovery could not put right and a person has: the jail is left as it is, with all that is
 * there; its snapshot is kept without its hold, and only the retention takes it. What the outcome was is not known
 * better for it: one that is stuck stays that in the history. Throws `transaction-unknown`, `not-recovered`,
 * `nothing-left`, `jail-busy`, `processes-remain`, `command-failed`.
 */
export async function leaveAsItIs(context: Context, id: string): Promise<Ending> {
  const known = find(context, id);
  const lock = lockRoot(lockDirectory(context.config), known.root, known.jail);
  try {
    // Another may have put it right until the lock was there.
    const row = find(context, known.id);
    const record = new TransactionRecord(context.journal, row.id);
    const state = requireLeavable(row);
    await endLeftovers(record.run, context.journal.inFlight(row.id), scratchPath(row.id));
    await letGo(record, row);
    record.write((journal) => journal.settle(row.id, Date.now()));
    return { ...endingOf(row, state, row, []), notes: [leftSentence(row)] };
  } finally {
    lock.release();
  }
}

function find(context: Context, id: string): TransactionRow {
  const row = context.journal.transaction(id);
  if (!row) throw unknownTransaction(id);
  return row;
}

/** Gives how it ended: one that has not is not looked at yet. */
function requireLeavable({ id, jail, state, settled }: TransactionRow): EndState {
  if (state === 'open')
    throw refused(
      'not-recovered',
      `${id} of ${jail} is under way, or was cut off and nothing has tried to put it right`,
      'jtx recover; what that cannot put right can be left as it is',
    );
  if (settled)
    throw refused('nothing-left', `nothing is left to do of ${id}: it is ${state}`, `jtx show ${id}`);
  return state;
}

/**
 * Of a tree that was cut off between two names, each dataset's snapshot lies under one of them. A dataset that has gone took
 * its own along; those that a rollback goes back to are another's.
 */
async function letGo(record: TransactionRecord, row: TransactionRow): Promise<void> {
  const { verb, snapshot, state } = row;
  if (snapshot === null || verb === 'rollback') return;
  const names = placesOf(row).map((dataset) => `${dataset}@${snapshot}`);
  for (const { name } of await describeSnapshots(record.run, names)) {
    const { dataset } = splitSnapshot(name);
    await markSnapshot(record.run, dataset, snapshot, state === 'stuck' ? left : state);
    await releaseSnapshots(record.run, dataset, snapshot);
  }
}

function placesOf({ dataset, aside, datasets }: TransactionRow): string[] {
  const names = datasets.map(({ name }) => name);
  return aside === null ? names : [...names, ...names.map((name) => aside + name.slice(dataset.length))];
}

function leftSentence({ id, jail }: TransactionRow): string {
  return `${jail} is left as it is, and ${id} is closed: whether the jail is in order, jtx has not looked.`;
}
