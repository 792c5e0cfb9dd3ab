import { filesOn } from '../host/files-on.ts';
import { listMounts } from '../host/mounts.ts';
import { runCommand } from '../host/run.ts';
import { latestOf } from '../host/time-stamp.ts';
import { listRunning } from '../jail/running.ts';
import { isThrowAway } from '../jail/throw-away.ts';
import type { Journal } from '../journal/journal.ts';
import type { TransactionRow } from '../journal/rows.ts';
import { asideName } from '../zfs/names.ts';
import type { TransactionRecord } from './record.ts';
import { isLive, isUnfinished, remainingSnapshots } from './remains.ts';
import { scratchPath } from './scratch.ts';
import { inJail, isOfPkg } from './written.ts';

/**
 * Of what would go back in place, decides durably to set it aside where something may have been written to it since. Comes
 * before all else of recovery, of which the journal keeps when it was: a recovery that is cut off, or stuck, must not
 * make the next one overlook what was written before it.
 */
export async function keepMeanwhile(
  record: TransactionRecord,
  journal: Journal,
  row: TransactionRow,
): Promise<TransactionRow> {
  const entered = journal.steps(row.id).map(({ name }) => name);
  if (!isUnfinished(row) || row.aside !== null || isLive(row, entered)) return row;
  if (row.verb === 'rollback' && entered.at(-1) !== 'revert') return row;
  if ((await remainingSnapshots(runCommand, row)) !== 'all') return row;
  if (!(await wroteMeanwhile(journal, row))) return row;
  const aside = asideName(row.dataset, row.id);
  record.write((journal) => journal.setAside(row.id, aside));
  return { ...row, aside };
}

/**
 * Whether something may have been written to a jail since a transaction of it was cut off: it runs, or a file of what
 * would go back was changed after the last that the journal knows of the transaction. Directories and what is pkg's alone
 * do not count. To be asked before recovery writes anything down: the journal would know nothing older any more.
 */
async function wroteMeanwhile(journal: Journal, { id, root, datasets }: TransactionRow): Promise<boolean> {
  const last = journal.lastOf(id);
  const running = (await listRunning(runCommand)).filter(({ name, dying }) => !dying && !isThrowAway(name));
  // Nothing is looked for in a jail that could lead the look astray.
  if (running.some(({ path }) => path === root)) return true;
  const mounts = await listMounts(runCommand);
  return datasets
    .filter(({ reverted }) => reverted)
    .some(({ name }) => {
      const node = mounts.find(({ special }) => special === name)?.node;
      // What is not mounted is as it was left when it was taken back: a jail writes to what is mounted.
      return node !== undefined && hasNewer(node, last, { id, root });
    });
}

function hasNewer(mountPoint: string, last: number, { id, root }: { id: string; root: string }): boolean {
  const scratch = `${scratchPath(id)}/`;
  for (const { path, stats } of filesOn(mountPoint)) {
    // What is too deep to be looked at may be anything.
    if (stats === undefined) return true;
    if (Math.floor(latestOf(stats.ctimeMs)) <= last) continue;
    const inside = inJail(path.toString(), root);
    if (!isOfPkg(inside) && !inside.startsWith(scratch)) return true;
  }
  return false;
}
