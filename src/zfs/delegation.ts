import type { Run } from '../host/run.ts';
import { inheritProperty, type Property, setProperties } from './properties.ts';

/** That a dataset is a jail's to mount (zfs-jail(8)). */
export interface Delegation {
  /** The property of its own that says so: `jailed`, on Linux `zoned`; undefined where one above it says so. */
  property: string | undefined;
  /** Its own canmount. */
  canmount: string;
}

/** What file systems have of their own, by their names, or by their paths below one. */
export type OwnProperties = ReadonlyMap<string, readonly Property[]>;

/** The user property in which a dataset that was taken back remembers that it is a jail's. */
export const delegatedMark = 'jtx:delegated';

const delegating = /^(jailed|zoned)$/;

/** Whether a dataset is a jail's, or was before it was taken back: by itself, or with what is above it of those known. */
export function delegationIn(own: OwnProperties, dataset: string): Delegation | undefined {
  const properties = own.get(dataset) ?? [];
  const alone = delegationOf(properties);
  if (alone !== undefined || properties.some(([name]) => delegating.test(name))) return alone;
  const above = dataset.slice(0, Math.max(0, dataset.lastIndexOf('/')));
  const inherited = above !== dataset && own.has(above) ? delegationIn(own, above) : undefined;
  return inherited && { property: undefined, canmount: new Map(properties).get('canmount') ?? 'on' };
}

/** The same of one of which only its own properties are known. */
export function delegationOf(own: readonly Property[]): Delegation | undefined {
  const values = new Map(own);
  const [property = '', canmount = ''] = values.get(delegatedMark)?.split(' ') ?? [];
  if (/^(jailed|zoned|-)$/.test(property) && /^(on|off|noauto)$/.test(canmount))
    return { property: property === '-' ? undefined : property, canmount };
  const given = own.find(isGiven)?.[0];
  return given === undefined ? undefined : { property: given, canmount: values.get('canmount') ?? 'on' };
}

function isGiven([name, value]: Property): boolean {
  return delegating.test(name) && value === 'on';
}

/** Whether all that {@link takeBack} does has been done to a dataset. */
export function isTaken(own: readonly Property[]): boolean {
  const values = new Map(own);
  return values.has(delegatedMark) && values.get('canmount') === 'noauto' && !own.some(isGiven);
}

/** Whether nothing of it has been done, or all of it was undone. */
export function isUntouched(own: readonly Property[]): boolean {
  return own.every(([name]) => name !== delegatedMark);
}

/** What a dataset had of its own before it was taken back, without what {@link delegationOf} tells. */
export function besidesDelegation(own: readonly Property[]): Property[] {
  const delegation = delegationOf(own);
  if (delegation === undefined) return [...own];
  const others = own.filter(
    ([name]) => name !== delegatedMark && name !== 'canmount' && !delegating.test(name),
  );
  return [...others, ['canmount', delegation.canmount]];
}

/** What makes a dataset one that was taken back: it remembers that it is a jail's, and is not mounted by itself. */
export function takenAs({ property, canmount }: Delegation): Property[] {
  return [
    [delegatedMark, `${property ?? '-'} ${canmount}`],
    ['canmount', 'noauto'],
  ];
}

/**
 * Takes a dataset back from its jail for as long as it needs another name or another mount point: neither does zfs(8) of
 * a host give to one that is a jail's. Where it is mounted the jail has said, so that it must not be, not even after a
 * crash just then. Throws `command-failed`.
 */
export async function takeBack(run: Run, dataset: string, delegation: Delegation): Promise<void> {
  for (const property of takenAs(delegation)) await setProperties(run, dataset, [property]);
  if (delegation.property !== undefined) await setProperties(run, dataset, [[delegation.property, 'off']]);
}

/** Gives one to its jail again, what is above it before. Throws `command-failed`. */
export async function giveAgain(
  run: Run,
  dataset: string,
  { property, canmount }: Delegation,
): Promise<void> {
  if (property !== undefined) await setProperties(run, dataset, [[property, 'on']]);
  await setProperties(run, dataset, [['canmount', canmount]]);
  await inheritProperty(run, dataset, delegatedMark);
}
