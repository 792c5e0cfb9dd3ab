import { posix } from 'node:path';
import type { Member } from '../journal/rows.ts';
import { inCloneOrder } from '../zfs/dataset.ts';
import type { Delegation } from '../zfs/delegation.ts';
import { datasetOfSnapshot } from '../zfs/names.ts';
import { ExchangeWorld } from './exchange-world.ts';

/** What takes the place of a jail's tree. */
export type Incoming =
  /** Clones of snapshots of this name, first of all in this tree: the one that is set aside, or one that was. */
  | { snapshot: string; tree: string }
  /** A tree that was set aside earlier, as it is. */
  | { aside: string };

/** A jail's tree is set aside under another name, and another takes its place. Nothing is destroyed by it. */
export interface Exchange {
  /** The jail's dataset. */
  dataset: string;
  /** The name under which its present tree is set aside. */
  aside: string;
  incoming: Incoming;
  /** The present tree when the exchange began, parents first. */
  members: readonly Member[];
}

/** What exists of the trees concerned. */
export interface Existing {
  name: string;
  /** dataset@snapshot that it is a clone of. */
  origin: string | undefined;
  /** It bears its own mark of having been set aside. */
  marked: boolean;
  /** That mark says too that it was restored: it may not have the permissions of what it takes the place of. */
  restored?: boolean;
  /** Its room is limited, or reserved, or was before it was set aside. */
  limited?: boolean;
  /** It is a jail's (zfs-jail(8)), or was before it was taken back. */
  delegation?: Delegation | undefined;
  /** It was taken back, all of it; and nothing of that is left. Neither is true where a crash cut it off. */
  taken?: boolean;
  untouched?: boolean;
}

/** One step; each is one command or a few that may be done twice. */
export type ExchangeStep =
  /** A host's zfs(8) renames nothing that is a jail's. */
  | { do: 'take'; dataset: string; delegation: Delegation }
  | { do: 'rename'; from: string; to: string }
  /** `like` is the dataset whose properties and permissions the clone gets. */
  | { do: 'clone'; snapshot: string; dataset: string; like: string; delegation?: Delegation | undefined }
  | { do: 'permit'; dataset: string; like: string }
  | { do: 'promote'; dataset: string }
  | { do: 'mark'; dataset: string; name: string; mounted: boolean }
  | { do: 'unmark'; dataset: string }
  /** `like` is the dataset whose limits and reservations it gets, as they were. */
  | { do: 'limit'; dataset: string; like: string }
  | { do: 'give'; dataset: string; delegation: Delegation };

/**
 * The steps that are left of an exchange, pure: computed from what exists, so a crash between two of them is
 * finished by computing again. `snapshots` are the incoming ones by the path below the jail's dataset.
 */
export function remainingSteps(
  exchange: Exchange,
  existing: readonly Existing[],
  snapshots: ReadonlyMap<string, string>,
): ExchangeStep[] {
  const world = new ExchangeWorld(existing);
  const { dataset, aside, incoming, members } = exchange;
  const kept = new Set(members.filter((member) => !member.reverted).map((member) => member.name));
  // What comes in takes the place when what was there has gone; where there was nothing, it is its own.
  const came = 'aside' in incoming && !world.has(incoming.aside);
  if (!world.has(aside) && world.has(dataset) && !came) {
    world.take(dataset);
    world.rename(dataset, aside);
  }
  if ('aside' in incoming && !world.has(dataset)) world.rename(incoming.aside, dataset);
  for (const path of pathsOf(exchange, snapshots)) {
    const place = dataset + path;
    const left = aside + path;
    const parentThere = path === '' || world.has(place.slice(0, place.lastIndexOf('/')));
    if (world.has(place) || !parentThere) continue;
    if (kept.has(place)) {
      if (world.has(left)) world.rename(left, place);
      continue;
    }
    const snapshot = snapshots.get(path);
    if (snapshot !== undefined)
      world.clone(snapshot, place, world.has(left) ? left : datasetOfSnapshot(snapshot));
  }
  // Until the tree that was left is marked, it is not known whether the clones have its permissions.
  for (const [path, snapshot] of world.isMarked(aside) ? [] : snapshots)
    if (!kept.has(dataset + path))
      world.permit(dataset + path, world.has(aside + path) ? aside + path : datasetOfSnapshot(snapshot));
  // What was restored bears its own mark until it has them, after a crash too.
  for (const name of world.tree(dataset))
    if (world.isRestored(name)) world.permit(name, aside + name.slice(dataset.length));
  for (const name of world.tree(dataset)) world.promoteFrom(name, `${dataset}.aside-`);
  const mounted = new Set(members.filter((member) => member.mounted).map((member) => member.name));
  // From below: a child that gets its mount point from above is not to be mounted when that of the one above changes.
  for (const name of world.tree(aside).reverse()) {
    const before = dataset + name.slice(aside.length);
    if (!world.isMarked(name)) world.mark(name, before, mounted.has(before));
  }
  if ('aside' in incoming)
    for (const name of world.tree(dataset)) if (world.isMarked(name)) world.unmark(name);
  // A pool need not have twice what is reserved: what was left has let go of it by now. A limit may be lower than what
  // there was: with it nothing could be cloned, nor promoted.
  for (const [path, snapshot] of snapshots)
    if (!kept.has(dataset + path))
      world.limit(dataset + path, world.has(aside + path) ? aside + path : datasetOfSnapshot(snapshot));
  world.give(dataset);
  return world.steps;
}

/** Every path that is to have its place, in the order in which clones are made: of what is there, and was there then. */
function pathsOf({ dataset, members }: Exchange, snapshots: ReadonlyMap<string, string>): string[] {
  const places = new Map(members.map(({ name, mountpoint }) => [name.slice(dataset.length), mountpoint]));
  // Of what is gone it is not known where it was: by default it is below what it belongs to.
  for (const path of [...snapshots.keys()].sort())
    if (!places.has(path)) places.set(path, (places.get(posix.dirname(path)) ?? '') + path);
  const all = [...places].map(([name, mountpoint]) => ({ name, mountpoint }));
  return inCloneOrder(all).map(({ name }) => name);
}
