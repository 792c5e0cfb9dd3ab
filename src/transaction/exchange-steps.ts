import type { Run } from '../host/run.ts';
import {
  asideMark,
  carriedProperties,
  markProperty,
  newMark,
  parseMark,
  sealProperties,
  unsealProperties,
} from '../zfs/aside.ts';
import { cloneSnapshot, promoteClone, renameDataset } from '../zfs/clone.ts';
import { isWithin } from '../zfs/names.ts';
import { grant, listGrants } from '../zfs/permissions.ts';
import {
  inheritProperty,
  isOfRoom,
  ownProperties,
  type Property,
  setProperties,
  setWhereRoom,
} from '../zfs/properties.ts';
import type { Exchange, ExchangeStep } from './exchange-plan.ts';
import { type Found, isReservation, reservationsOf } from './found-trees.ts';
import type { Places } from './places.ts';

/** An exchange, and what it found when it began, under the names of then. */
export interface Start {
  exchange: Exchange;
  /** Where the jail's dataset is mounted. */
  root: string;
  found: ReadonlyMap<string, Found>;
  /** What each of these datasets has of its own. */
  own: ReadonlyMap<string, readonly Property[]>;
  places: Places;
}

/**
 * Carries one step of an exchange out; done already is fine. Gives what there was no room for any more, in words.
 * Throws `command-failed` and `root-unsafe`.
 */
export async function carryOut(run: Run, step: ExchangeStep, start: Start): Promise<string[]> {
  switch (step.do) {
    case 'rename':
      await renameDataset(run, step.from, step.to);
      return [];
    case 'clone':
      await cloneLike(run, step, start);
      return [];
    case 'permit':
      await grant(run, step.dataset, await listGrants(run, step.like));
      return [];
    case 'promote':
      await promoteClone(run, step.dataset);
      return [];
    case 'mark':
      await markAside(run, step, start);
      return [];
    case 'unmark':
      return unmark(run, step.dataset, start);
    case 'reserve':
      return reserveLike(run, step);
  }
}

async function cloneLike(
  run: Run,
  { snapshot, dataset, like }: Extract<ExchangeStep, { do: 'clone' }>,
  { exchange, found, own, places }: Start,
): Promise<void> {
  const { dataset: jail, aside } = exchange;
  const before = isWithin(like, aside) ? jail + like.slice(aside.length) : like;
  // It may lie in a tree that was set aside earlier, and was not looked at.
  const known = own.get(like) ?? own.get(before) ?? (await ownProperties(run, [like])).get(like) ?? [];
  const properties = carriedProperties(known, found.get(like)?.mark);
  places.require(dataset, new Map(properties).get('mountpoint'));
  // What is set aside has what is reserved until it is sealed, and a clone's own data are its until the promotion.
  const free = properties.filter(([name]) => !isReservation(name));
  await cloneSnapshot(run, snapshot, dataset, free);
}

/** The mark is there before anything is overwritten, and says that all of it is only when it is. */
async function markAside(
  run: Run,
  { dataset, name, mounted }: Extract<ExchangeStep, { do: 'mark' }>,
  { exchange, root, found, own }: Start,
): Promise<void> {
  const known = found.get(dataset) ?? found.get(name);
  const filesystem = known?.filesystem !== false;
  const mark = found.get(dataset)?.mark ?? newMark(name, mounted, own.get(dataset) ?? own.get(name) ?? []);
  const suffix = exchange.aside.slice(exchange.dataset.length);
  const moved = (path: string): string =>
    path === root || path.startsWith(`${root}/`) ? root + suffix + path.slice(root.length) : path;
  await setProperties(run, dataset, [markProperty(mark)]);
  await setProperties(run, dataset, sealProperties(mark, filesystem, moved));
  await setProperties(run, dataset, [markProperty({ ...mark, sealed: true })]);
}

async function unmark(run: Run, dataset: string, start: Start): Promise<string[]> {
  const { exchange, found, own, places } = start;
  const from = 'aside' in exchange.incoming ? exchange.incoming.aside : exchange.dataset;
  const before = from + dataset.slice(exchange.dataset.length);
  const known = found.get(before) ?? found.get(dataset);
  if (!known?.mark) return [];
  places.require(dataset, known.mark.own['mountpoint']);
  const { set, inherit } = unsealProperties(known.mark, known.filesystem);
  // To inherit a mount point anew removes the directory that was there, and so changes its parent: only where needed.
  const now = new Set(own.get(known.name)?.map(([name]) => name));
  await setProperties(
    run,
    dataset,
    set.filter((property) => !isOfRoom(property)),
  );
  const notes = await setWhereRoom(run, dataset, set.filter(isOfRoom));
  for (const property of inherit) if (now.has(property)) await inheritProperty(run, dataset, property);
  return notes;
}

/** Only its mark says what was reserved, and it may have got that a moment ago. */
async function reserveLike(
  run: Run,
  { dataset, like }: Extract<ExchangeStep, { do: 'reserve' }>,
): Promise<string[]> {
  const own = new Map((await ownProperties(run, [like])).get(like));
  return setWhereRoom(run, dataset, reservationsOf(parseMark(own.get(asideMark) ?? '', like)));
}
