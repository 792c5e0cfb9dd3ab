import { type Run, succeeded } from '../host/run.ts';
import { asideMark, type Mark, parseMark } from '../zfs/aside.ts';
import { isWithin, poolOf } from '../zfs/names.ts';
import type { Property } from '../zfs/properties.ts';
import type { Exchange, Existing } from './exchange-plan.ts';

/** A dataset of the trees concerned, as it is found. */
export interface Found extends Existing {
  filesystem: boolean;
  mountpoint: string;
  mounted: boolean;
  /** It is mounted with all others. */
  canmount: boolean;
  mark: Mark | undefined;
}

const columns = [
  'name',
  'type',
  'origin',
  'mountpoint',
  'mounted',
  'canmount',
  'quota',
  'refquota',
  'reservation',
  'refreservation',
  asideMark,
];

/**
 * The datasets of the trees that an exchange is about, and of `others`, by name. One process. Throws `command-failed`.
 */
export async function findTrees(
  run: Run,
  { dataset, aside, incoming }: Exchange,
  others: readonly string[] = [],
): Promise<Map<string, Found>> {
  const tops = [dataset, aside, 'aside' in incoming ? incoming.aside : incoming.tree, ...others];
  const pool = poolOf(dataset);
  const type = 'filesystem,volume';
  const listed = await run(['zfs', 'list', '-H', '-r', '-t', type, '-o', columns.join(','), pool]);
  const found = new Map<string, Found>();
  for (const line of succeeded(listed).stdout.split('\n')) {
    const [name = '', type, origin, mountpoint = '', mounted, canmount, ...more] = line.split('\t');
    const value = more[4];
    if (value === undefined || !tops.some((top) => isWithin(name, top))) continue;
    const mark = parseMark(value, name);
    // One in the jail's place that is marked still has to be made what it was, however far that has come.
    const marked = mark !== undefined && (mark.sealed || name === mark.name);
    found.set(name, {
      name,
      filesystem: type === 'filesystem',
      mountpoint,
      origin: origin === '-' ? undefined : origin,
      mounted: mounted === 'yes',
      canmount: canmount === 'on',
      marked,
      mark,
      restored: mark?.restored === true,
      limited: more.slice(0, 4).some(isSome) || reservationsOf(mark).length > 0,
    });
  }
  return found;
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
