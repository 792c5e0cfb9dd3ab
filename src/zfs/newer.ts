import { type Run, succeeded } from '../host/run.ts';
import { getLines, parseLine } from './lines.ts';
import { datasetName, idPattern } from './names.ts';

/** A snapshot or bookmark of a tree. */
export interface Point {
  /** dataset@snapshot or dataset#bookmark */
  name: string;
  dataset: string;
  /** The transaction group in which it was made: they are in the order of time. */
  txg: number;
  /** Seconds since the epoch. */
  creation: number;
  bookmark: boolean;
  /** How many hold it. */
  holds: number;
  /** A transaction's own: it bears the property that jtx gives its snapshots, itself and not from above. */
  own: boolean;
  /** A backup's own: it bears the property of the backup that its name tells, or is a bookmark with a name of such a base. */
  ofBackup: boolean;
}

/** Every snapshot and bookmark of a tree, oldest first. An old zfs(8) knows no bookmarks. Throws `command-failed`. */
export async function listPoints(run: Run, dataset: string): Promise<Point[]> {
  const properties = ['createtxg', 'creation', 'userrefs', 'jtx:tx', 'jtx:backup'];
  const types = ['snapshot', 'bookmark'];
  return readPoints(await getLines(run, { tops: [datasetName(dataset)], types, properties }));
}

// A bookmark has no properties of anybody's.
const ofBase = new RegExp(`^#jtx-to-.+-${idPattern}(-part)?$`);

/** Reads lines of createtxg, creation, userrefs, jtx:tx and jtx:backup. Pure. */
export function readPoints(lines: readonly string[]): Point[] {
  const points = new Map<string, Point>();
  for (const line of lines) {
    const { name = '', property, source, value } = parseLine(line) ?? {};
    const at = name.search(/[@#]/);
    if (at < 0) continue;
    const known = points.get(name) ?? {
      name,
      dataset: name.slice(0, at),
      txg: 0,
      creation: 0,
      bookmark: name[at] === '#',
      holds: 0,
      own: false,
      ofBackup: ofBase.test(name.slice(at)),
    };
    points.set(name, known);
    const number = Number(value);
    if (property === 'createtxg') known.txg = number;
    if (property === 'creation') known.creation = number;
    // zfs(8) says of bookmarks that they have none of these.
    if (property === 'jtx:tx' && !known.bookmark) known.own = source === 'local';
    if (property === 'jtx:backup' && !known.bookmark)
      known.ofBackup = source === 'local' && name.slice(at) === `@jtx-backup-${value}`;
    if (property === 'userrefs' && Number.isFinite(number)) known.holds = number;
  }
  return [...points.values()].sort((one, other) => one.txg - other.txg);
}

/** Which dataset is a clone of which snapshot, on a whole pool. */
export async function listOrigins(run: Run, pool: string): Promise<Map<string, string>> {
  const command = ['zfs', 'list', '-H', '-r', '-t', 'filesystem,volume', '-o', 'name,origin', pool] as const;
  const origins = new Map<string, string>();
  for (const line of succeeded(await run(command)).stdout.split('\n')) {
    const [name, origin] = line.split('\t');
    if (name !== undefined && origin !== undefined && origin !== '-') origins.set(name, origin);
  }
  return origins;
}
