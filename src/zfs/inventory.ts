import { type Finished, type Run, succeeded } from '../host/run.ts';
import { wholeListing } from './listing.ts';
import { datasetName, isWithin } from './names.ts';
import { unlessOld } from './old-zfs.ts';

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

const always = [
  'type',
  'guid',
  'createtxg',
  'mountpoint',
  'mounted',
  'userrefs',
  'origin',
  'jtx:tx',
  'jtx:backup',
  'jtx:backup-of',
];
const newer = ['written', 'encryptionroot', 'receive_resume_token', 'clones'];

/**
 * Everything there is in these trees: one process, however many datasets and snapshots. An old zfs(8) does not know
 * every property. Throws `command-failed`.
 */
export async function listInventory(run: Run, tops: readonly string[]): Promise<Map<string, Stored>> {
  if (tops.length === 0) return new Map();
  return within(tops, succeeded(await ask(run, tops)).stdout);
}

/** The same of one tree; nothing where it does not exist. Throws `command-failed`. */
export async function listInventoryIfThere(run: Run, top: string): Promise<Map<string, Stored>> {
  const got = await ask(run, [top]);
  // Another program on the way, as ssh(1) is one, may have said something before it.
  const missing = got.stderr.split('\n').includes(`cannot open '${top}': dataset does not exist`);
  return missing ? new Map() : within([top], succeeded(got).stdout);
}

function ask(run: Run, tops: readonly string[]): Promise<Finished> {
  const names = tops.map(datasetName);
  const columns = 'name,property,value,source';
  const types = 'filesystem,volume,snapshot,bookmark';
  const all = [...always, ...newer].join(',');
  return unlessOld(
    run,
    () => run(['zfs', 'get', '-Hp', '-r', '-t', types, '-o', columns, all, ...names], wholeListing),
    () => run(['zfs', 'get', '-Hp', '-r', '-o', columns, always.join(','), ...names], wholeListing),
  );
}

/** As in listPoints: what else is printed is none of ZFS. */
function within(tops: readonly string[], text: string): Map<string, Stored> {
  return new Map([...parseInventory(text)].filter(([name]) => tops.some((top) => isWithin(name, top))));
}

/** Reads `zfs get -Hp -o name,property,value,source`. */
export function parseInventory(text: string): Map<string, Stored> {
  const datasets = new Map<string, Stored>();
  const points = new Map<string, StoredPoint>();
  const clones: (readonly [origin: string, clone: string])[] = [];
  for (const line of text.split('\n')) {
    const [name = '', property = '', value, ...source] = line.split('\t');
    if (value === undefined) continue;
    const at = name.search(/[@#]/);
    if (property === 'origin') clones.push([value, name]);
    else if (at < 0) readDataset(entry(datasets, name, newDataset), property, value, source.at(-1) ?? '');
    else readPoint(entry(points, name, newPoint), property, value, source.at(-1) === 'local');
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
