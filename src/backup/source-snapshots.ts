import { runCommand } from '../host/run.ts';
import { listInventory, type Stored } from '../zfs/inventory.ts';
import { listAsides } from '../zfs/list-asides.ts';
import type { Member } from './copy.ts';
import { backupSnapshot } from './names.ts';
import { hasSnapshot, membersOf } from './subjects.ts';
import { incomparable, unproved } from './unproved.ts';

/** A backup, and the jail's own dataset, of which it was made. */
export interface Source {
  dataset: string;
  backup: string;
  members: readonly Member[];
}

/**
 * The snapshots that a backup was made from, by the path below the jail's dataset: in the jail's tree, or in one that a
 * rollback has set aside since. Throws `backup-unproved` where the jail had a dataset then that the target has lost:
 * nothing of the target says so. Throws `backup-incomparable` where a snapshot is gone, as that of a change that has come
 * to nothing is, and what only a target has that was away for long.
 */
export async function findSource(source: Source): Promise<Map<string, string>> {
  const asides = (await listAsides(runCommand)).filter(({ dataset }) => dataset === source.dataset);
  const trees = [source.dataset, ...asides.map(({ name }) => name).reverse()];
  return chooseSource(source, trees, await listInventory(runCommand, trees));
}

/** The same, of the first of some trees that has each snapshot, pure. */
export function chooseSource(
  source: Source,
  trees: readonly string[],
  inventory: ReadonlyMap<string, Stored>,
): Map<string, string> {
  requireEvery(source, trees, inventory);
  return new Map(
    source.members.map((member) => [member.copy.path, snapshotOf(source, member, trees, inventory)]),
  );
}

function requireEvery(
  source: Source,
  trees: readonly string[],
  inventory: ReadonlyMap<string, Stored>,
): void {
  const { dataset, members } = source;
  const own = ownSnapshot(source);
  const paths = new Set(members.map(({ copy }) => copy.path));
  const lacking = trees.flatMap((tree) =>
    membersOf(inventory, { dataset: tree })
      .filter((one) => has(one, own) && !paths.has(one.name.slice(tree.length)))
      .map(({ name }) => dataset + name.slice(tree.length)),
  );
  if (lacking.length > 0) throw unproved(`it lacks ${lacking.join(', ')}`);
}

/** The backup's own, or the one from before a change that was under way. */
function ownSnapshot({ backup, members }: Source): string {
  return members.find(({ copy }) => copy.path === '')?.point.snapshot ?? backupSnapshot(backup);
}

function snapshotOf(
  source: Source,
  { copy: { path }, point }: Member,
  trees: readonly string[],
  inventory: ReadonlyMap<string, Stored>,
): string {
  const own = ownSnapshot(source);
  // What has not changed since was not sent again: it is in the snapshot of this backup all the same.
  for (const snapshot of [own, point.snapshot]) {
    const tree = trees.find((one) => has(inventory.get(one + path), snapshot));
    if (tree !== undefined) return `${tree}${path}@${snapshot}`;
  }
  const wanted = `${source.dataset}${path}@${own}`;
  const what = own === backupSnapshot(source.backup) ? '' : ', the snapshot from before a change';
  throw incomparable(
    `backup ${source.backup} is not compared: it was made from ${wanted}${what}, which is gone`,
    'The next backup can be: jtx backup.',
  );
}

function has(dataset: Stored | undefined, snapshot: string): boolean {
  return dataset !== undefined && hasSnapshot(dataset, snapshot);
}
