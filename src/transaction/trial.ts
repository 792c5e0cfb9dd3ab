import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError, messageOf, refused } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { isSameJail } from '../jail/manager.ts';
import type { TransactionRow } from '../journal/rows.ts';
import type { Context } from './context.ts';
import { type Ending, endingOf } from './ending.ts';
import { lockDirectory } from './lock-directory.ts';
import type { Recovered } from './recover.ts';
import { rollback } from './rollback.ts';
import { watchTrial } from './watch-trial.ts';

const longestSleep = 30_000;
const firstPause = 10_000;
// Each attempt may stop a jail that runs, and start it again.
const longestPause = 10 * 60_000;

/**
 * Waits until a trial is over: confirmed, undone, or expired, and then rolls back. A jail that is busy is waited
 * for. Several may wait for the same one: only the first of them finds it pending.
 */
export async function waitForTrial(context: Context, id: string): Promise<void> {
  let pause = firstPause;
  while (!context.interrupt.aborted) {
    const row = context.journal.transaction(id);
    if (!row || !isPending(row)) return;
    const left = (row.confirmBy ?? 0) - Date.now();
    if (left > 0) {
      await sleep(Math.min(left, longestSleep));
      continue;
    }
    try {
      await expireTrial(context, row);
      return;
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      await sleep(pause);
      // One that is busy was not stopped.
      if (error.outcome !== 'busy') pause = Math.min(2 * pause, longestPause);
    }
  }
}

/**
 * After a crash or a reboot: ends the trials that nobody confirmed in time, and goes on waiting for the others. One that
 * cannot be ended (its jail was destroyed) is told, and keeps no other waiting. Throws `interrupted`.
 */
export async function recoverTrials(context: Context): Promise<Recovered> {
  const recovered: Recovered = { endings: [], bugs: [] };
  for (const row of context.journal.trials()) {
    if ((row.confirmBy ?? 0) > Date.now()) watchTrial(row.id);
    else await tryToExpire(context, row, recovered);
  }
  return recovered;
}

async function tryToExpire(
  context: Context,
  row: TransactionRow,
  { endings, bugs }: Recovered,
): Promise<void> {
  try {
    endings.push(await expireTrial(context, row));
  } catch (error) {
    if (!(error instanceof JtxError)) {
      bugs.push(error);
      endings.push(stays(row, messageOf(error)));
      return;
    }
    if (error.signal !== undefined) throw error;
    if (error.code === 'not-wanted') return;
    if (error.outcome === 'busy') {
      // A backup, or another jtx that ends it at this moment.
      context.progress.note(
        `${row.jail}: its trial is over, and it is busy; waiting for it in the background`,
      );
      watchTrial(row.id);
      return;
    }
    endings.push(stays(row, error.message, error.hint));
  }
}

function stays(row: TransactionRow, why: string, mend?: string): Ending {
  const hint = [...(mend === undefined ? [] : [mend]), `jtx confirm ${row.jail} keeps it for good`];
  const failure = { code: null, message: null, hint: hint.join('\n') };
  return endingOf(row, 'committed', failure, [`its trial is over, and it stays: ${why}`]);
}

/** Ends a trial that nobody confirmed in time: the jail goes back. Throws as {@link rollback}. */
export async function expireTrial(context: Context, { id, jail, root }: TransactionRow): Promise<Ending> {
  const stillWanted = (): boolean => {
    const row = context.journal.transaction(id);
    return row !== undefined && isPending(row);
  };
  return rollback(context, { jail, root, to: id, planOnly: false, onData: 'aside', stillWanted });
}

/** Keeps what is on trial in a jail. Throws `nothing-on-trial`, `jail-busy`. */
export function confirmTrial(context: Context, jail: string): TransactionRow {
  const row = context.journal.trials().find((trial) => isSameJail(trial.root, trial.jail, jail));
  if (!row) throw refused('nothing-on-trial', `nothing is on trial in ${jail}`, `jtx status ${jail}`);
  const lock = lockRoot(lockDirectory(context.config), row.root, row.jail);
  try {
    const now = context.journal.transaction(row.id);
    if (!now || !isPending(now))
      throw refused('nothing-on-trial', `the trial of ${row.id} is over`, `jtx show ${row.id}`);
    context.journal.onTrial(row.id, null);
    return row;
  } finally {
    lock.release();
  }
}

/** Refuses another change of a jail in which one is on trial: its end would take that along. Throws `on-trial`. */
export function requireNoTrial(context: Context, root: string): void {
  const [trial] = context.journal.trials(root);
  if (!trial) return;
  const expired = (trial.confirmBy ?? 0) <= Date.now();
  throw refused(
    'on-trial',
    `${trial.id} is on trial in ${trial.jail}${expired ? ', and nobody has confirmed it in time' : ''}`,
    expired
      ? 'jtx recover rolls it back'
      : `jtx confirm ${trial.jail} keeps it; jtx rollback ${trial.jail} ends it`,
  );
}

function isPending({ state, confirmBy, undoneBy }: TransactionRow): boolean {
  return state === 'committed' && confirmBy !== null && undoneBy === null;
}
