import { runCommand } from '../host/run.ts';
import type { Journal } from '../journal/journal.ts';
import type { TransactionRow } from '../journal/rows.ts';
import { unknownTransaction } from '../journal/unknown-transaction.ts';
import type { PackageChange } from '../pkg/change-set.ts';
import { type Difference, diffSince } from '../zfs/diff.ts';
import { exists } from '../zfs/exists.ts';
import { listAsides } from '../zfs/list-asides.ts';
import { transactionOfSnapshot } from '../zfs/names.ts';
import { listPoints } from '../zfs/newer.ts';

/** What a transaction changed in a jail. */
export interface Differences {
  row: TransactionRow;
  packages: PackageChange[];
  /** Undefined where this zfs(8) cannot tell, or the snapshots are gone. */
  files: Difference[] | undefined;
  /** The files are compared up to now: nothing marks the end of the transaction. */
  untilNow: boolean;
}

/**
 * What differs between the snapshot of a transaction and the next of jtx's own, or now. Throws
 * `transaction-unknown`.
 */
export async function differencesOf(journal: Journal | undefined, id: string): Promise<Differences> {
  const row = journal?.transaction(id);
  if (!journal || !row) throw unknownTransaction(id);
  const packages = journal.changes(row.id);
  const tree = await treeOf(row);
  if (tree === undefined) return { row, packages, files: undefined, untilNow: false };
  const points = await listPoints(runCommand, tree);
  const files: Difference[] = [];
  let untilNow = false;
  for (const { name } of row.datasets) {
    const dataset = tree + name.slice(row.dataset.length);
    const own = points.filter(
      (point) => point.dataset === dataset && transactionOfSnapshot(point.name) !== undefined,
    );
    const at = own.findIndex((point) => point.name === `${dataset}@${row.snapshot}`);
    if (at < 0) continue;
    const next = own[at + 1]?.name;
    untilNow ||= next === undefined;
    const found = await diffSince(runCommand, `${dataset}@${row.snapshot}`, next);
    if (found === undefined) return { row, packages, files: undefined, untilNow };
    files.push(...found);
  }
  return { row, packages, files, untilNow };
}

/** Where the snapshot of a transaction lies: in the jail's own tree, or in one that was set aside. */
async function treeOf({ dataset, snapshot }: TransactionRow): Promise<string | undefined> {
  if (snapshot === null) return undefined;
  const asides = (await listAsides(runCommand)).filter((aside) => aside.dataset === dataset);
  for (const tree of [dataset, ...asides.map(({ name }) => name)]) {
    if (await exists(runCommand, `${tree}@${snapshot}`)) return tree;
  }
  return undefined;
}
