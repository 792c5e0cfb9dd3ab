import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Property } from '../zfs/properties.ts';
import { backupOf, retiredAt } from './names.ts';

/** What a copy says of itself, so that it can be restored where nobody knows the jail. */
export interface Description {
  jail: string;
  /** Below the jail's dataset: '' for that itself, `/www` for a child. */
  path: string;
  /** Where in the jail it is mounted: '' for its root, `/var/db/postgres`; undefined where it is not. */
  at: string | undefined;
  volume: boolean;
  /** The host that backs it up. */
  host: string;
  /** What the dataset has of its own. */
  properties: readonly Property[];
  /** The first backup at which the jail had this dataset no more. */
  gone: string | undefined;
  /** Earlier times without it: the first backup at which the jail had it no more, and the first at which it had again. */
  away?: readonly (readonly [from: string, until: string])[];
}

/** A backup of one dataset on a target. */
export interface CopyPoint {
  snapshot: string;
  guid: string;
  /** Why it cannot be destroyed: "held". */
  stays?: string;
  /** The backup without which it is nothing, where it is kept as a stream that builds upon another. */
  base?: string;
  /** A stream that it is made of is gone, or has another size: it cannot be restored. */
  broken?: true;
}

/** Everything that a target has of one dataset. */
export interface Copy extends Description {
  /** Its name on the target. */
  name: string;
  /** Oldest first; those of others are among them. */
  points: readonly CopyPoint[];
  /** With which an interrupted receive goes on. */
  token: string | undefined;
  /** It is encrypted as it came, with a key of its own: not with that of the place. */
  raw?: true;
  /** Why it cannot be destroyed even when it has no points: it holds what jtx did not make. */
  stays?: string;
}

/** A jail's datasets at one backup, and where they lie: parents first. */
export interface Member {
  copy: Copy;
  point: CopyPoint;
}

/** The paths of those whose parent is no part of the backup, as where that is marked `jtx:backup=off`. Pure. */
export function orphansOf(members: readonly Member[]): Set<string> {
  const paths = new Set(members.map(({ copy }) => copy.path));
  return new Set([...paths].filter((path) => !paths.has(path.slice(0, path.lastIndexOf('/')))));
}

const version = 1;

/** Characters that a user property can hold. */
const longest = 8000;
const packed = 'deflate:';

/** A description as a file's text. */
export function printDescription(description: Description): string {
  const { jail, path, at, volume, host, properties, gone, away } = description;
  return JSON.stringify({
    v: version,
    jail,
    path,
    at,
    volume,
    host,
    properties,
    ...(gone === undefined ? {} : { gone }),
    ...(away === undefined || away.length === 0 ? {} : { away }),
  });
}

/** A description as the text of a user property: where it is long, compressed. */
export function packDescription(description: Description): string {
  const text = printDescription(description);
  return Buffer.byteLength(text) <= longest ? text : packed + deflateRawSync(text).toString('base64');
}

/** What a copy says of itself when the jail has it at a backup, given what it said before. */
export function describeAt(
  description: Description,
  known: Description | undefined,
  backup: string,
): Description {
  const away = [
    ...(known?.away ?? []),
    ...(known?.gone === undefined ? [] : [[known.gone, backup] as const]),
  ];
  return away.length === 0 ? description : { ...description, away };
}

/** Reads a description; undefined where it is none, or of a newer jtx. */
export function parseDescription(text: string): Description | undefined {
  let value: unknown;
  try {
    value = JSON.parse(unpacked(text));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const [jail, path, at, host, gone] = ['jail', 'path', 'at', 'host', 'gone'].map((name) => fields.get(name));
  if (fields.get('v') !== version || typeof jail !== 'string' || typeof path !== 'string') return undefined;
  if (typeof host !== 'string') return undefined;
  const listed = fields.get('properties');
  const properties = Array.isArray(listed) ? listed.filter(isProperty) : [];
  const absences = fields.get('away');
  const away = Array.isArray(absences) ? absences.filter(isProperty) : [];
  return {
    jail,
    path,
    at: typeof at === 'string' ? at : undefined,
    volume: fields.get('volume') === true,
    host,
    properties,
    gone: typeof gone === 'string' ? gone : undefined,
    ...(away.length === 0 ? {} : { away }),
  };
}

function unpacked(text: string): string {
  if (!text.startsWith(packed)) return text;
  return inflateRawSync(Buffer.from(text.slice(packed.length), 'base64')).toString();
}

function isProperty(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((word) => typeof word === 'string');
}

/** The backups of a jail that are complete on a target, oldest first: its own dataset is always the last to be sent. */
export function completeBackups(copies: readonly Copy[], jail: string): string[] {
  const tops = copies.filter((copy) => copy.jail === jail && copy.path === '');
  return [...new Set(tops.flatMap((copy) => ownBackups(copy)))].sort();
}

/** The newest backup that copies tell of, complete or not; undefined where there is none. */
export function newestOf(copies: readonly Copy[]): string | undefined {
  return copies
    .flatMap((copy) => [...ownBackups(copy), copy.gone, retiredAt(copy.name)])
    .filter((backup) => backup !== undefined)
    .sort()
    .at(-1);
}

/**
 * What a jail consisted of at a backup. A child that had not changed was not sent again: the newest that is not younger
 * is its state. Empty where the backup is not complete.
 */
export function membersAt(copies: readonly Copy[], jail: string, backup: string): Member[] {
  const found = new Map<string, Member & { of: string }>();
  for (const copy of copies) {
    if (copy.jail !== jail || isAway(copy, backup)) continue;
    for (const point of copy.points) {
      const of = backupOf(point.snapshot);
      if (of === undefined || of > backup || (found.get(copy.path)?.of ?? '') > of) continue;
      found.set(copy.path, { copy, point, of });
    }
  }
  if (found.get('')?.of !== backup) return [];
  return [...found.values()].sort((one, other) => (one.copy.path < other.copy.path ? -1 : 1));
}

/**
 * The last backup of which one of a jail's members was a part: what it says of itself is from then at the earliest, as each
 * writes it anew. Undefined where there is none. Pure.
 */
export function describedAt(
  copies: readonly Copy[],
  jail: string,
  members: readonly Member[],
): string | undefined {
  return completeBackups(copies, jail).findLast((backup) =>
    members.some(({ copy }) => !isAway(copy, backup)),
  );
}

/** Whether the jail did not have at a backup what this is a copy of. */
function isAway({ name, gone, away = [] }: Copy, backup: string): boolean {
  const retired = retiredAt(name);
  return (
    (gone !== undefined && gone <= backup) ||
    (retired !== undefined && retired <= backup) ||
    away.some(([from, until]) => from <= backup && backup < until)
  );
}

function ownBackups({ points }: Copy): string[] {
  return points.flatMap(({ snapshot }) => backupOf(snapshot) ?? []);
}
