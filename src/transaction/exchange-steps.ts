import { pathInside } from '../host/inside-root.ts';
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
import { cloneSnapshot, promoteUnlessInUse, renameDataset } from '../zfs/clone.ts';
import { giveAgain, takeBack, takenAs } from '../zfs/delegation.ts';
import { isWithin } from '../zfs/names.ts';
import { ownProperties } from '../zfs/own-properties.ts';
import { grant, listGrants } from '../zfs/permissions.ts';
import { inheritProperty, isOfRoom, type Property, setProperties, setWhereRoom } from '../zfs/properties.ts';
import type { Exchange, ExchangeStep } from './exchange-plan.ts';
import { type Found, isReservation, reservationsOf } from './found-trees.ts';
import type { Places } from './places.ts';

/** An exchange, and what it found when it began, under the names of then. */
export interface Start {
  exchange: Exchange;
  /** Where the jail's dataset is mounted. */
  root: string;
  found: ReadonlyMap<string, Found>;
  places: Places;
}

/**
 * Carries one step of an exchange out; done already is fine. Gives what there was no room for any more, in words.
 * Throws `command-failed` and `root-unsafe`.
 */
export async function carryOut(run: Run, step: ExchangeStep, start: Start): Promise<string[]> {
  switch (step.do) {
    case 'take':
      await takeBack(run, step.dataset, step.delegation);
      return [];
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
      // What is being sent may be so for hours, and the jail needs no promotion: settling tries it again.
      await promoteUnlessInUse(run, step.dataset, 5);
      return [];
    case 'mark':
      await markAside(run, step, start);
      return [];
    case 'unmark':
      return unmark(run, step.dataset, start);
    case 'limit':
      return limitLike(run, step);
    case 'give':
      await giveAgain(run, step.dataset, step.delegation);
      return [];
  }
}

async function cloneLike(
  run: Run,
  { snapshot, dataset, like, delegation }: Extract<ExchangeStep, { do: 'clone' }>,
  { exchange, found, places }: Start,
): Promise<void> {
  const { dataset: jail, aside } = exchange;
  const before = isWithin(like, aside) ? jail + like.slice(aside.length) : like;
  const own = (found.get(like) ?? found.get(before))?.own ?? [];
  const properties = carriedProperties(own, found.get(like)?.mark);
  places.require(dataset, new Map(properties).get('mountpoint'));
  const free = properties.filter((property) => !isOfRoom(property));
  if (delegation === undefined) return cloneSnapshot(run, snapshot, dataset, free);
  // Until it is the jail's again it is mounted nowhere.
  const others = free.filter(([name]) => name !== 'canmount');
  return cloneSnapshot(run, snapshot, dataset, [...others, ...takenAs(delegation)]);
}

/** The mark is there before anything is overwritten, and says that all of it is only when it is. */
async function markAside(
  run: Run,
  { dataset, name, mounted }: Extract<ExchangeStep, { do: 'mark' }>,
  { exchange, root, found }: Start,
): Promise<void> {
  const known = found.get(dataset) ?? found.get(name);
  const filesystem = known?.filesystem !== false;
  const mark = found.get(dataset)?.mark ?? newMark(name, mounted, known?.own ?? []);
  const suffix = exchange.aside.slice(exchange.dataset.length);
  // Where one that is the jail's own is mounted the jail has said: on the host it is nowhere.
  const nowhere = (found.get(dataset)?.delegation ?? found.get(name)?.delegation) !== undefined;
  const moved = (path: string): string => {
    if (nowhere) return 'none';
    const inside = pathInside(root, path);
    return inside === undefined ? path : root + suffix + inside;
  };
  await setProperties(run, dataset, [markProperty(mark)]);
  await setProperties(run, dataset, sealProperties(mark, filesystem, moved));
  await setProperties(run, dataset, [markProperty({ ...mark, sealed: true })]);
}

async function unmark(run: Run, dataset: string, start: Start): Promise<string[]> {
  const { exchange, found, places } = start;
  const from = 'aside' in exchange.incoming ? exchange.incoming.aside : exchange.dataset;
  const before = from + dataset.slice(exchange.dataset.length);
  const known = found.get(before) ?? found.get(dataset);
  if (!known?.mark) return [];
  places.require(dataset, known.mark.own['mountpoint']);
  const { set, inherit } = unsealProperties(known.mark, known.filesystem);
  // What is a jail's is mounted nowhere until it is the jail's again.
  const delegated = known.delegation !== undefined;
  const wanted = set.filter(([name]) => !(delegated && name === 'canmount'));
  // To inherit a mount point anew removes the directory that was there, and so changes its parent: only where needed.
  const now = new Set(known.own.map(([name]) => name));
  const isPlace = ([name]: Property): boolean => name === 'mountpoint';
  // With its mount point zfs(8) would mount it at once, and what it lies in upon it: it gets that while it is `noauto`.
  await setProperties(run, dataset, wanted.filter(isPlace));
  await setProperties(
    run,
    dataset,
    wanted.filter((property) => !isPlace(property) && !isOfRoom(property)),
  );
  const notes = await setWhereRoom(run, dataset, wanted.filter(isOfRoom));
  for (const property of inherit) if (now.has(property)) await inheritProperty(run, dataset, property);
  return notes;
}

/** What was reserved only its mark says, and it may have got that a moment ago. */
async function limitLike(
  run: Run,
  { dataset, like }: Extract<ExchangeStep, { do: 'limit' }>,
): Promise<string[]> {
  const own = (await ownProperties(run, [like])).get(like) ?? [];
  const limits = own.filter(([name, value]) => isOfRoom([name, value]) && !isReservation(name));
  const mark = parseMark(new Map(own).get(asideMark) ?? '', like);
  const wanted = [...limits, ...reservationsOf(mark)].filter(([, value]) => value !== 'none');
  return setWhereRoom(run, dataset, wanted);
}
