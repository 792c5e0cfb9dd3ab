import { hostname } from 'node:os';
import { pathInside } from '../host/inside-root.ts';
import type { Mount } from '../host/mounts.ts';
import type { Stored } from '../zfs/inventory.ts';
import { parentOf } from '../zfs/names.ts';
import type { Property } from '../zfs/properties.ts';
import type { Abilities } from '../zfs/send.ts';
import type { Arrival } from './bring-jail.ts';
import type { Copy } from './copy.ts';
import { isCutOff, lostCopies } from './lost-copies.ts';
import { copyName } from './names.ts';
import { isCurrent } from './plan-sending.ts';
import type { SecuredJail } from './secure.ts';
import { isWhole, type Whole } from './subjects.ts';

/** The datasets whose properties {@link describeMembers} needs: those of jails, and whatever has their keys. Pure. */
export function describing(jails: readonly Whole[]): string[] {
  const members = jails.flatMap((jail) => jail.members);
  return [...new Set(members.flatMap(({ name, encryptionRoot }) => [name, encryptionRoot ?? name]))];
}

/** What describes the datasets of jails. */
export interface Describing {
  /** What each has of its own, of those that {@link describing} gives. */
  properties: ReadonlyMap<string, readonly Property[]>;
  /** What is mounted on this host. */
  mounts: readonly Mount[];
}

/** What is to be sent of a jail. */
export function arrivalOf(
  id: string,
  abilities: Abilities,
  { whole, snapshot }: SecuredJail,
  known: Describing,
): Arrival {
  return { backup: id, abilities, jail: whole.jail.name, snapshot, members: describeMembers(whole, known) };
}

/**
 * What each dataset of a jail is, but for those that have gone: of them it is not known. Of the host it asks its name,
 * and where links lead.
 */
export function describeMembers(
  { jail, dataset, members }: Whole,
  { properties, mounts }: Describing,
): Arrival['members'] {
  return members.flatMap((source) => {
    const own = properties.get(source.name);
    if (!own) return [];
    const description = {
      jail: jail.name,
      path: source.name.slice(dataset.length),
      at: source.name === dataset ? '' : placeIn(jail.root, source, mounts),
      volume: source.volume,
      host: hostname(),
      properties: [
        ...own.filter(([property]) => !/^jtx:(aside|backup-of)$/.test(property)),
        ...keyFromOutside(source, members, properties),
      ],
      gone: undefined,
    };
    return [{ source, description }];
  });
}

/**
 * A stream does not bring what has its key: where that is none of the jail, it is said where the key lies, once for all
 * that have the same one above each other.
 */
function keyFromOutside(
  { name, encryptionRoot }: Stored,
  members: readonly Stored[],
  properties: ReadonlyMap<string, readonly Property[]>,
): Property[] {
  const above = members.find((member) => member.name === parentOf(name))?.encryptionRoot;
  if (encryptionRoot === undefined || encryptionRoot === name || encryptionRoot === above) return [];
  return (properties.get(encryptionRoot) ?? []).filter(([property]) => property === 'keylocation');
}

/**
 * Where in a jail a dataset lies; undefined where it lies elsewhere. Of what is mounted its property need not say that: the
 * host may have a symlink on the way, or the jail has mounted it.
 */
function placeIn(root: string, { name, mountpoint }: Stored, mounts: readonly Mount[]): string | undefined {
  const nodes = mounts.filter(({ special }) => special === name).map(({ node }) => node);
  const paths = nodes.length > 0 ? nodes : [mountpoint];
  return paths.map((path) => pathInside(root, path)).find((inside) => inside !== undefined);
}

/** A target has a jail when it has every dataset of it as it is, in a backup that is complete. */
export function hasAll(copies: readonly Copy[], whole: Whole): boolean {
  const { jail, dataset, members } = whole;
  const named = new Map(copies.map((copy) => [copy.name, copy]));
  const host = hostname();
  const parts = members.map((source) => ({
    source,
    description: { jail: jail.name, path: source.name.slice(dataset.length), host },
  }));
  return (
    isWhole(whole) &&
    lostCopies(copies, parts).length === 0 &&
    !isCutOff(copies, parts) &&
    parts.every(({ source, description }) =>
      isCurrent(source, named.get(copyName(jail.name, description.path))),
    )
  );
}
