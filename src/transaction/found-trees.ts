import type { Run } from '../host/run.ts';
import { asideMark, type Mark, parseMark } from '../zfs/aside.ts';
import { delegationIn, isTaken, isUntouched, type OwnProperties } from '../zfs/delegation.ts';
import { isWithin, poolOf } from '../zfs/names.ts';
import { ownProperties } from '../zfs/own-properties.ts';
import type { Property } from '../zfs/properties.ts';
import { listRows } from '../zfs/rows.ts';
import type { Exchange, Existing } from './exchange-plan.ts';

/** A dataset of the trees concerned, as zfs(8) lists it. */
export interface Listed {
  name: string;
  filesystem: boolean;
  /** dataset@snapshot that it is a clone of. */
  origin: string | undefined;
  mountpoint: string;
  mounted: boolean;
  /** It is mounted with all others. */
  canmount: boolean;
  /** Its room is limited, or reserved. */
  limited: boolean;
}

/** The same with what it has of its own. */
export interface Found extends Listed, Existing {
  limited: boolean;
  own: readonly Property[];
  mark: Mark | undefined;
}

const limits = ['quota', 'refquota', 'reservation', 'refreservation'];
const columns = ['type', 'origin', 'mounted', 'canmount', ...limits, 'mountpoint'];

/** The datasets of the trees that an exchange is about, and of `others`. One process. Throws `command-failed`. */
export async function listTrees(
  run: Run,
  { dataset, aside, incoming }: Exchange,
  others: readonly string[] = [],
): Promise<Listed[]> {
  const tops = [dataset, aside, 'aside' in incoming ? incoming.aside : incoming.tree, ...others];
  const rows = await listRows(run, { tops: [poolOf(dataset)], types: ['filesystem', 'volume'] }, columns);
  return rows.map(readListed).filter(({ name }) => tops.some((top) => isWithin(name, top)));
}

/** The same by name, with what each has of its own. Throws `command-failed`, `properties-unreadable`. */
export async function findTrees(
  run: Run,
  exchange: Exchange,
  others: readonly string[],
): Promise<Map<string, Found>> {
  const listed = await listTrees(run, exchange, others);
  const names = listed.map(({ name }) => name);
  const all = await ownProperties(run, names);
  return new Map(listed.map((one) => [one.name, withOwn(one, all)]));
}

function readListed([name = '', type, origin, mounted, canmount, ...others]: readonly string[]): Listed {
  return {
    name,
    filesystem: type === 'filesystem',
    origin: origin === '-' ? undefined : origin,
    mountpoint: others.at(-1) ?? '',
    mounted: mounted === 'yes',
    canmount: canmount === 'on',
    limited: others.slice(0, limits.length).some(isSome),
  };
}

function withOwn(listed: Listed, all: OwnProperties): Found {
  const { name, filesystem, limited } = listed;
  const own = all.get(name) ?? [];
  const mark = parseMark(new Map(own).get(asideMark) ?? '', name);
  return {
    ...listed,
    own,
    mark,
    restored: mark?.restored === true,
    // One in the jail's place that is marked still has to be made what it was, however far that has come.
    marked: mark !== undefined && (mark.sealed || name === mark.name),
    limited: limited || reservationsOf(mark).length > 0,
    delegation: filesystem ? delegationIn(all, name) : undefined,
    taken: isTaken(own),
    untouched: isUntouched(own),
  };
}

function isSome(size: string | undefined): boolean {
  return size !== undefined && !/^(none|0|-)$/.test(size);
}

/** What was reserved for a dataset before it was set aside. */
export function reservationsOf(mark: Mark | undefined): Property[] {
  return Object.entries(mark?.own ?? {}).filter(([name]) => isReservation(name));
}

/** Whether a property of this name keeps room for a dataset. */
export function isReservation(name: string): boolean {
  return /^(ref)?reservation$/.test(name);
}
