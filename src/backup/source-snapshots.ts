import { runCommand } from '../host/run.ts';
import { listInventory, type Stored } from '../zfs/inventory.ts';
import { listAsides } from '../zfs/list-asides.ts';
import type { Member } from './copy.ts';
import { backupSnapshot } from './names.ts';
import { membersOf } from './subjects.ts';
import { unproved } from './unproved.ts';

/** A backup, and the jail's own dataset, of which it was made. */
export interface Source {
  dataset: string;
  backup: string;
  members: readonly Member[];
}

/**
 * The snapshots that a backup was made from, by the path below the jail's dataset: in the jail's tree, or in one that a
 * rollback has set aside since. Throws `backup-unproved` where one is gone, and where the jail had a dataset then that the
 * target has lost: nothing of the target says so.
 */
export async function findSource(source: Source): Promise<Map<string, string>> {
  const asides = (await listAsides(runCommand)).filter(({ dataset }) => dataset === source.dataset);
  const trees = [source.dataset, ...asides.map(({ name }) => name).reverse()];
  return chooseSource(source, trees, await listInventory(runCommand, trees));
}

/** The same, of the first of some trees that has each snapshot, pure. */
export function chooseSource(
  { dataset, backup, members }: Source,
  trees: readonly string[],
  inventory: ReadonlyMap<string, Stored>,
): Map<string, string> {
  const has = (name: string, snapshot: string): boolean =>
    inventory.get(name)?.points.some((point) => point.name === snapshot && !point.bookmark) === true;
  const own = members.find(({ copy }) => copy.path === '')?.point.snapshot ?? backupSnapshot(backup);
  const paths = new Set(members.map(({ copy }) => copy.path));
  const lacking = trees.flatMap((tree) =>
    membersOf(inventory, { dataset: tree })
      .filter(({ name }) => has(name, own) && !paths.has(name.slice(tree.length)))
      .map(({ name }) => dataset + name.slice(tree.length)),
  );
  if (lacking.length > 0) throw unproved(`it lacks ${lacking.join(', ')}`);
  return new Map(
    members.map(({ copy: { path }, point }) => {
      // What has not changed since was not sent again: it is in the snapshot of this backup all the same.
      const names = [backupSnapshot(backup), point.snapshot];
      const found = names.flatMap((snapshot) => {
        const tree = trees.find((one) => has(one + path, snapshot));
        return tree === undefined ? [] : [`${tree}${path}@${snapshot}`];
      });
      const [first] = found;
      if (first === undefined)
        throw unproved(
          `${dataset}${path}@${backupSnapshot(backup)}, with which it is to be compared, is gone`,
        );
      return [path, first] as const;
    }),
  );
}
