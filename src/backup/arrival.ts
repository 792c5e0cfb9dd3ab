import { hostname } from 'node:os';
import type { Stored } from '../zfs/inventory.ts';
import { parentOf } from '../zfs/names.ts';
import type { Property } from '../zfs/properties.ts';
import type { Abilities } from '../zfs/send.ts';
import type { Arrival } from './bring-jail.ts';
import type { Copy } from './copy.ts';
import { isCutOff, lostCopies } from './lost-copies.ts';
import { backupSnapshot, copyName } from './names.ts';
import { isCurrent } from './plan-sending.ts';
import type { Whole } from './secure.ts';

/** The datasets whose properties {@link arrivalOf} needs: those of jails, and whatever has their keys. Pure. */
export function describing(jails: readonly Whole[], now: ReadonlyMap<string, Stored>): string[] {
  const names = jails.flatMap(({ members }) => members.map(({ name }) => name));
  return [...new Set(names.flatMap((name) => [name, now.get(name)?.encryptionRoot ?? name]))];
}

/** What is to be sent of a jail at a snapshot, from what its datasets and their properties are now. Pure but for the host's name. */
export function arrivalOf(
  id: string,
  abilities: Abilities,
  snapshot: string,
  { jail, dataset, members }: Whole,
  now: ReadonlyMap<string, Stored>,
  properties: ReadonlyMap<string, readonly Property[]>,
): Arrival {
  return {
    backup: id,
    abilities,
    jail: jail.name,
    snapshot,
    members: members.flatMap(({ name }) => {
      const source = now.get(name);
      const description = {
        jail: jail.name,
        path: name.slice(dataset.length),
        at: name === dataset ? '' : within(source?.mountpoint ?? '', jail.root),
        volume: source?.volume === true,
        host: hostname(),
        properties: [
          ...(properties.get(name) ?? []).filter(([property]) => !/^jtx:(aside|backup-of)$/.test(property)),
          ...keyFromOutside(name, now, members, properties),
        ],
        gone: undefined,
      };
      // A dataset that is younger than the change that is under way is no part of the state from before it.
      const young = snapshot !== backupSnapshot(id) && !source?.points.some(({ name }) => name === snapshot);
      return source && !young ? [{ source, description }] : [];
    }),
  };
}

/**
 * A stream does not bring what has its key: where that is none of the jail, it is said where the key lies. Not of what is
 * below such a one and has the same, which is sent only when it changes: it would go on telling what is no longer so.
 */
function keyFromOutside(
  name: string,
  now: ReadonlyMap<string, Stored>,
  members: readonly Stored[],
  properties: ReadonlyMap<string, readonly Property[]>,
): Property[] {
  const root = now.get(name)?.encryptionRoot;
  const above = members.find((member) => member.name === parentOf(name))?.encryptionRoot;
  if (root === undefined || root === name || root === above) return [];
  return (properties.get(root) ?? []).filter(([property]) => property === 'keylocation');
}

/** The part of a path below another; undefined where it lies elsewhere. */
function within(path: string, root: string): string | undefined {
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

/** A target has a jail when it has every dataset of it as it is, in a backup that is complete. */
export function hasAll(copies: readonly Copy[], { jail, dataset, members }: Whole): boolean {
  const named = new Map(copies.map((copy) => [copy.name, copy]));
  const host = hostname();
  const parts = members.map((source) => ({
    source,
    description: { jail: jail.name, path: source.name.slice(dataset.length), host },
  }));
  return (
    lostCopies(copies, parts).length === 0 &&
    !isCutOff(copies, parts) &&
    parts.every(({ source, description }) =>
      isCurrent(source, named.get(copyName(jail.name, description.path))),
    )
  );
}
