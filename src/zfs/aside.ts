import { parseJson } from '../parse-json.ts';
import { besidesDelegation } from './delegation.ts';
import { splitAside } from './names.ts';
import type { Property } from './properties.ts';

/** The user property in which a dataset that was set aside keeps what it was before. */
export const asideMark = 'jtx:aside';

/** What a dataset was before it was set aside. */
export interface Mark {
  /** The name it had: a child inherits its parent's mark, and is told apart by this. */
  name: string;
  mounted: boolean;
  /** The properties that are overwritten and were its own. */
  own: Readonly<Record<string, string>>;
  /** They have been overwritten. */
  sealed: boolean;
  /** It was restored from a backup, which has no permissions (zfs-allow(8)). */
  restored?: true;
}

const overwritten = ['canmount', 'readonly', 'mountpoint', 'reservation', 'refreservation'];

/** The mark of a dataset that is about to be set aside. */
export function newMark(name: string, mounted: boolean, own: readonly Property[]): Mark {
  const kept = besidesDelegation(own).filter(([property]) => overwritten.includes(property));
  return { name, mounted, own: Object.fromEntries(kept), sealed: false };
}

/** A mark as a property. It is set before anything is overwritten, and once more, sealed, when everything is. */
export function markProperty(mark: Mark): Property {
  return [asideMark, JSON.stringify(mark)];
}

/**
 * The properties that make a dataset one that was set aside: it is not mounted by itself, takes nothing, reserves
 * nothing, and claims no path in the jail's root. `moved` gives the path that a mount point becomes.
 */
export function sealProperties(
  { own }: Mark,
  filesystem: boolean,
  moved: (mountpoint: string) => string,
): Property[] {
  const { canmount, mountpoint } = own;
  const reserved = ['reservation', 'refreservation'].filter((name) => own[name] !== undefined);
  return [
    ...(filesystem && canmount !== 'off' ? [['canmount', 'noauto'] as const] : []),
    ...(mountpoint?.startsWith('/') ? [['mountpoint', moved(mountpoint)] as const] : []),
    ...reserved.map((name) => [name, 'none'] as const),
    ['readonly', 'on'],
  ];
}

/** Reads a dataset's mark; undefined where it has none, or only inherits one. */
export function parseMark(value: string, name: string): Mark | undefined {
  const parsed = parseJson(value);
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(parsed));
  const aside = splitAside(name);
  const was = aside ? `${aside.dataset}${aside.path}` : name;
  if (fields.get('name') !== was) return undefined;
  return {
    name: was,
    mounted: fields.get('mounted') === true,
    own: strings(fields.get('own')),
    sealed: fields.get('sealed') === true,
    ...(fields.get('restored') === true ? { restored: true } : {}),
  };
}

function strings(value: unknown): Record<string, string> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** What undoes {@link sealProperties}: properties to set, and those to inherit again, the mark last. */
export function unsealProperties(mark: Mark, filesystem: boolean): { set: Property[]; inherit: string[] } {
  const set = Object.entries(mark.own);
  // canmount is inherited by no dataset: its default is on.
  if (filesystem && mark.own['canmount'] === undefined) set.push(['canmount', 'on']);
  const inherited = ['readonly', 'mountpoint'].filter((name) => mark.own[name] === undefined);
  return { set, inherit: [...inherited, asideMark] };
}

const notCarried =
  /^(jtx:aside|keylocation|keyformat|pbkdf2iters|encryption|volsize|volblocksize|origin|version)$/;

/**
 * What a dataset has to be given of the one that it takes the place of: all of its own, as it was before any mark; but not
 * that it is a jail's which it gets back once everything else is done (src/zfs/delegation.ts).
 */
export function carriedProperties(own: readonly Property[], mark: Mark | undefined): Property[] {
  const kept = besidesDelegation(own).filter(
    ([name]) => !notCarried.test(name) && !(mark !== undefined && overwritten.includes(name)),
  );
  return [...kept, ...Object.entries(mark?.own ?? {})];
}
