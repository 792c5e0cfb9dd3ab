import type { Run } from '../host/run.ts';
import { getLines, getLinesIfThere, parseLine } from './lines.ts';
import { datasetName } from './names.ts';

/** A snapshot or bookmark, as far as a backup looks at it. */
export interface StoredPoint {
  /** After the `@` or `#`. */
  name: string;
  bookmark: boolean;
  guid: string;
  /** The transaction group in which it was made: they are in the order of time. */
  txg: number;
  /** Bytes written between the snapshot before it and this one; undefined where zfs(8) cannot tell. */
  written: number | undefined;
  holds: number;
  /** `jtx:tx` and `jtx:backup`, its own: jtx made it here. */
  transaction?: string;
  backup?: string;
  /** The datasets that are clones of it. Where zfs(8) cannot tell, only those that were listed too. */
  clones?: readonly string[];
}

/** A file system or volume with its snapshots and bookmarks. */
export interface Stored {
  name: string;
  volume: boolean;
  mountpoint: string;
  mounted: boolean;
  /** The dataset that has the key of this one; undefined where it is not encrypted. */
  encryptionRoot: string | undefined;
  /** Bytes written since its newest snapshot; undefined where zfs(8) cannot tell. */
  written: number | undefined;
  /** With which an interrupted receive goes on. */
  token: string | undefined;
  /** `jtx:backup`, its own or from above. */
  backup: string | undefined;
  /** `jtx:backup-of`, its own: set here, or received with a target that was moved. */
  backupOf: string | undefined;
  /** Oldest first. */
  points: StoredPoint[];
}

const natives = ['guid', 'createtxg', 'mounted', 'userrefs', 'origin'];
const newer = ['written', 'encryptionroot', 'receive_resume_token', 'clones'];
const texts = ['mountpoint', 'jtx:tx', 'jtx:backup', 'jtx:backup-of'];

const asked = {
  types: ['filesystem', 'volume', 'snapshot', 'bookmark'],
  properties: [...natives, ...newer, ...texts],
  plain: [...natives, ...texts],
};

/**
 * Everything there is in these trees: one process, however many datasets and snapshots. An old zfs(8) does not know
 * every property. Throws `command-failed`.
 */
export async function listInventory(run: Run, tops: readonly string[]): Promise<Map<string, Stored>> {
  if (tops.length === 0) return new Map();
  return readInventory(await getLines(run, { ...asked, tops: tops.map(datasetName) }));
}

/** The same of one tree; nothing where it does not exist. Throws `command-failed`. */
export async function listInventoryIfThere(run: Run, top: string): Promise<Map<string, Stored>> {
  return readInventory((await getLinesIfThere(run, datasetName(top), asked)) ?? []);
}

/** Reads lines of all that is asked for above. Pure. */
export function readInventory(lines: readonly string[]): Map<string, Stored> {
  const datasets = new Map<string, Stored>();
  const points = new Map<string, StoredPoint>();
  const clones: (readonly [origin: string, clone: string])[] = [];
  for (const line of lines) {
    const told = parseLine(line);
    if (!told) continue;
    const { name, property, source, value } = told;
    const at = name.search(/[@#]/);
    if (property === 'origin') clones.push([value, name]);
    else if (at < 0) readDataset(entry(datasets, name, newDataset), property, value, source);
    else readPoint(entry(points, name, newPoint), property, value, source === 'local');
  }
  for (const [origin, clone] of clones) addClones(points.get(origin), [clone]);
  for (const [name, point] of points) datasets.get(name.slice(0, name.search(/[@#]/)))?.points.push(point);
  for (const { points: own } of datasets.values()) own.sort((one, other) => one.txg - other.txg);
  return datasets;
}

function entry<T>(map: Map<string, T>, name: string, make: (name: string) => T): T {
  const known = map.get(name) ?? make(name);
  map.set(name, known);
  return known;
}

function newDataset(name: string): Stored {
  return {
    name,
    volume: false,
    mountpoint: '-',
    mounted: false,
    encryptionRoot: undefined,
    written: undefined,
    token: undefined,
    backup: undefined,
    backupOf: undefined,
    points: [],
  };
}

function newPoint(name: string): StoredPoint {
  const at = name.search(/[@#]/);
  return {
    name: name.slice(at + 1),
    bookmark: name[at] === '#',
    guid: '',
    txg: 0,
    written: undefined,
    holds: 0,
  };
}

function readDataset(dataset: Stored, property: string, value: string, source: string): void {
  const there = value !== '-';
  if (property === 'type') dataset.volume = value === 'volume';
  else if (property === 'mountpoint') dataset.mountpoint = value;
  else if (property === 'mounted') dataset.mounted = value === 'yes';
  else if (property === 'encryptionroot') dataset.encryptionRoot = there ? value : undefined;
  else if (property === 'written') dataset.written = numberOf(value);
  else if (property === 'receive_resume_token') dataset.token = there ? value : undefined;
  else if (property === 'jtx:backup') dataset.backup = there ? value : undefined;
  else if (property === 'jtx:backup-of')
    dataset.backupOf = /^(local|received)$/.test(source) ? value : undefined;
}

function readPoint(point: StoredPoint, property: string, value: string, local: boolean): void {
  if (property === 'guid') point.guid = value;
  else if (property === 'createtxg') point.txg = numberOf(value) ?? 0;
  else if (property === 'written') point.written = numberOf(value);
  else if (property === 'userrefs') point.holds = numberOf(value) ?? 0;
  else if (property === 'clones' && value !== '' && value !== '-') addClones(point, value.split(','));
  else if (property === 'jtx:tx' && local) point.transaction = value;
  else if (property === 'jtx:backup' && local) point.backup = value;
}

function addClones(point: StoredPoint | undefined, clones: readonly string[]): void {
  if (point) point.clones = [...new Set([...(point.clones ?? []), ...clones])];
}

function numberOf(value: string): number | undefined {
  const number = Number(value);
  return value !== '' && Number.isFinite(number) ? number : undefined;
}
