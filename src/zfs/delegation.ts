import type { Run } from '../host/run.ts';
import { inheritProperty, type Property, setProperties } from './properties.ts';

/** That a dataset is a jail's to mount (zfs-jail(8)). */
export interface Delegation {
  /** The property that says so: `jailed`, on Linux `zoned`. */
  property: string;
  /** Its own canmount. */
  canmount: string;
}

/** The user property in which a dataset that was taken back remembers that it is a jail's. */
export const delegatedMark = 'jtx:delegated';

const delegating = /^(jailed|zoned)$/;

/** Whether a dataset with these properties of its own is a jail's, or was before it was taken back; undefined for a host's. */
export function delegationOf(own: readonly Property[]): Delegation | undefined {
  const values = new Map(own);
  const [property = '', canmount = ''] = values.get(delegatedMark)?.split(' ') ?? [];
  if (delegating.test(property) && /^(on|off|noauto)$/.test(canmount)) return { property, canmount };
  const given = own.find((one) => isGiven(one))?.[0];
  return given === undefined ? undefined : { property: given, canmount: values.get('canmount') ?? 'on' };
}

/** Whether it is the jail's at this moment. */
export function isDelegated(own: readonly Property[]): boolean {
  return own.some(isGiven);
}

function isGiven([name, value]: Property): boolean {
  return delegating.test(name) && value === 'on';
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

/** What makes a dataset remember that it is a jail's. */
export function rememberedAs({ property, canmount }: Delegation): Property {
  return [delegatedMark, `${property} ${canmount}`];
}

/**
 * Takes a dataset back from its jail for as long as it needs another name or another mount point: neither does zfs(8) of
 * a host give to one that is a jail's. Where it is mounted the jail has said, so that it must not be, not even after a
 * crash just then. Throws `command-failed`.
 */
export async function takeBack(run: Run, dataset: string, delegation: Delegation): Promise<void> {
  await setProperties(run, dataset, [rememberedAs(delegation)]);
  await setProperties(run, dataset, [['canmount', 'noauto']]);
  await setProperties(run, dataset, [[delegation.property, 'off']]);
}

/** Gives one to its jail again. Throws `command-failed`. */
export async function giveAgain(
  run: Run,
  dataset: string,
  { property, canmount }: Delegation,
): Promise<void> {
  await setProperties(run, dataset, [[property, 'on']]);
  await setProperties(run, dataset, [['canmount', canmount]]);
  await inheritProperty(run, dataset, delegatedMark);
}
