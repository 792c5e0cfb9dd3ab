import type { JtxError } from '../error.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import type { Stored } from '../zfs/inventory.ts';
import { isWithin } from '../zfs/names.ts';
import type { PrunedJail } from './prune-here.ts';
import type { SourceState } from './prune-source.ts';
import { type BackupSubject, findSubjects, listPools, treeOf } from './subjects.ts';

/** The jails of this host whose snapshots are decided on, as they are now, and why others cannot be. */
export async function findPruned(
  context: Context,
  names: readonly string[],
  earlier: readonly string[],
  bases: SourceState['bases'],
): Promise<{ jails: PrunedJail[]; failed: { jail: string; error: JtxError }[] }> {
  const { found, failed } = await findSubjects(runCommand, context.config, names, earlier);
  // Where one jail lies within another it must be known, whichever were named.
  const others =
    names.length > 0 ? await findSubjects(runCommand, context.config, [], earlier) : { found: [] };
  const all = [...found, ...others.found];
  const inventory = await listPools(runCommand, found);
  const jails = found.flatMap((subject) => {
    const tree = treeOf(inventory, subject.dataset);
    if (tree[0]?.name !== subject.dataset) return [];
    return [{ name: subject.jail.name, state: stateOf(context, subject, tree, all, bases) }];
  });
  return { jails, failed };
}

function stateOf(
  { config, journal }: Context,
  { jail, dataset }: BackupSubject,
  tree: readonly Stored[],
  all: readonly BackupSubject[],
  bases: SourceState['bases'],
): SourceState {
  const within = all.flatMap((other) => (other.dataset.startsWith(`${dataset}/`) ? other.dataset : []));
  // Of what lies in another jail nobody knows any more which of the two had an old root.
  const liesWithin = all.some((other) => dataset.startsWith(`${other.dataset}/`));
  const own = tree.filter(({ name }) => !within.some((other) => isWithin(name, other)));
  return {
    root: jail.root,
    isOthers: (root) => liesWithin || all.some((other) => other.jail.root === root),
    tree,
    own: new Set(own.map(({ name }) => name)),
    bases,
    targets: config.backup.places.map(({ name: target }) => target),
    known: (transaction) => journal.transaction(transaction),
    committed: journal.committed(jail.name),
  };
}
