import type { Run } from '../host/run.ts';
import type { TransactionRow } from '../journal/rows.ts';
import { listTree } from '../zfs/dataset.ts';
import { datasetOfSnapshot, rehearsalName } from '../zfs/names.ts';
import { describeSnapshots } from '../zfs/snapshot.ts';
import type { Remains } from './recovery-plan.ts';

/** Whether the outcome of a transaction is open still, to recovery too. */
export function isUnfinished({ state }: TransactionRow): boolean {
  return state === 'open' || state === 'stuck';
}

/** Whether the jail went on running during a transaction that entered these steps. */
export function isLive({ ran }: TransactionRow, entered: readonly string[]): boolean {
  return ran && !entered.includes('stop');
}

/** What the journal and the pool say about a transaction that entered these steps; changes nothing. */
export async function findRemains(
  run: Run,
  row: TransactionRow,
  entered: readonly string[],
): Promise<Remains> {
  const { verb, state } = row;
  const step = entered.at(-1);
  // A clone that was kept of a rehearsal is no exchange.
  const exchanging =
    step === 'revert' && row.aside !== null && row.aside !== rehearsalName(row.dataset, row.id);
  const snapshots = exchanging || !isUnfinished(row) ? 'none' : await remainingSnapshots(run, row);
  return { verb, state, step, snapshots, exchanging, live: isLive(row, entered) };
}

/** How many exist of the snapshots that a transaction goes back to: its own, or those of a rollback's target. */
export async function remainingSnapshots(run: Run, row: TransactionRow): Promise<Remains['snapshots']> {
  if (row.snapshot === null) return 'none';
  const members = row.verb === 'rollback' ? row.datasets.filter(({ reverted }) => reverted) : row.datasets;
  const wanted = members.map((member) => `${member.name}@${row.snapshot}`);
  const present = new Set((await listTree(run, row.dataset)).map((dataset) => dataset.name));
  const found = await describeSnapshots(
    run,
    wanted.filter((name) => present.has(datasetOfSnapshot(name))),
  );
  if (found.length === wanted.length) return 'all';
  return found.length === 0 ? 'none' : 'some';
}
