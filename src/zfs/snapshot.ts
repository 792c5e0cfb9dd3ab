import { type Command, complaint, type Run, succeeded } from '../host/run.ts';
import { exists } from './exists.ts';
import { runUntilFree } from './held.ts';
import { getLinesOf, parseLine } from './lines.ts';
import { datasetName, datasetOfSnapshot, mark, poolOf } from './names.ts';

/** A snapshot of one dataset. */
export interface Snapshot {
  /** dataset@snapshot */
  name: string;
  guid: string;
  /** The user properties `jtx:*` that were set on the snapshot itself, without the prefix. */
  own: Readonly<Record<string, string>>;
  /** Somebody holds it. */
  held?: true;
}

/**
 * Snapshots a dataset and all its children in one atomic step, with jtx's user properties on each
 * (docs/freebsd-facts.md, snapshots). Throws `command-failed`; then there is none.
 */
export async function takeSnapshot(
  run: Run,
  dataset: string,
  snapshot: string,
  properties: Readonly<Record<string, string>>,
): Promise<void> {
  const set = Object.entries(properties).flatMap(([key, value]) => ['-o', `${mark}:${key}=${value}`]);
  const command: Command = ['zfs', 'snapshot', '-r', ...set, `${datasetName(dataset)}@${snapshot}`];
  succeeded(await run(command, { changes: true }));
}

/** Holds the snapshots of a tree, so that nothing but jtx can destroy them meanwhile. */
export async function holdSnapshots(run: Run, dataset: string, snapshot: string): Promise<void> {
  succeeded(await run(['zfs', 'hold', '-r', mark, `${datasetName(dataset)}@${snapshot}`], { changes: true }));
}

/** Drops the hold; that there is none is fine. */
export async function releaseSnapshots(run: Run, dataset: string, snapshot: string): Promise<void> {
  const command: Command = ['zfs', 'release', '-r', mark, `${datasetName(dataset)}@${snapshot}`];
  const finished = await run(command, { changes: true });
  if (!/no such tag|does not exist/.test(finished.stderr)) succeeded(finished);
}

/**
 * Sets `jtx:state` on the snapshot of the top dataset, for the day on which the journal is lost; that it is gone is fine.
 * Throws `command-failed`.
 */
export async function markSnapshot(
  run: Run,
  dataset: string,
  snapshot: string,
  state: string,
): Promise<void> {
  const target = `${datasetName(dataset)}@${snapshot}`;
  const finished = await run(['zfs', 'set', `${mark}:state=${state}`, target], { changes: true });
  // Of a pool that is not imported zfs(8) says the same, and there the snapshot may be under way still.
  const gone = /does not exist/.test(finished.stderr) && (await exists(run, dataset));
  if (!gone) succeeded(finished);
}

/** Destroys a tree's snapshots of one name. They must be jtx's own: the caller has looked. */
export async function destroySnapshots(run: Run, dataset: string, snapshot: string): Promise<void> {
  const target = `${datasetName(dataset)}@${snapshot}`;
  const finished = await run(['zfs', 'destroy', '-r', target], { changes: true });
  if (!/could not find any snapshots|does not exist/.test(finished.stderr)) succeeded(finished);
}

/** Destroys one snapshot, which must be jtx's own; that it is gone is fine. */
export async function destroySnapshot(run: Run, name: string): Promise<void> {
  const finished = await run(['zfs', 'destroy', name], { changes: true });
  if (!/could not find any snapshots|does not exist/.test(finished.stderr)) succeeded(finished);
}

const properties = [
  'guid',
  'userrefs',
  'jtx:tx',
  'jtx:jail',
  'jtx:verb',
  'jtx:state',
  'jtx:started',
  'jtx:packages',
];

/** Reads lines of guid, userrefs and jtx:... An inherited value is not the snapshot's own. Pure. */
export function readSnapshots(lines: readonly string[]): Snapshot[] {
  const found = new Map<string, { guid: string; own: Record<string, string>; held?: true }>();
  for (const line of lines) {
    const { name = '', property = '', source, value = '' } = parseLine(line) ?? {};
    if (!name.includes('@')) continue;
    const snapshot = found.get(name) ?? { guid: '', own: {} };
    found.set(name, snapshot);
    if (property === 'guid') snapshot.guid = value;
    else if (property === 'userrefs' && Number(value) > 0) snapshot.held = true;
    else if (source === 'local') snapshot.own[property.slice(mark.length + 1)] = value;
  }
  return [...found].map(([name, snapshot]) => ({ name, ...snapshot }));
}

/**
 * What is known of these snapshots; those that do not exist are left out. One process for hundreds of them. Throws
 * `command-failed`.
 */
export async function describeSnapshots(run: Run, names: readonly string[]): Promise<Snapshot[]> {
  return readSnapshots(await getLinesOf(run, names, properties));
}

// Something newer is in the way, and stays there: trying again would be in vain.
const lasting = /more recent|clones of previous|does not exist/;

/**
 * Reverts one dataset to its newest snapshot. Never with -r, -R or -f: where something newer is in the way
 * zfs(8) refuses, and that refusal is what protects it. Gives the reason where it was refused.
 */
export async function rollbackDataset(
  run: Run,
  dataset: string,
  snapshot: string,
): Promise<string | undefined> {
  const command: Command = ['zfs', 'rollback', `${datasetName(dataset)}@${snapshot}`];
  const finished = await runUntilFree(run, command, (said) => !lasting.test(said), 5);
  return finished.status === 0 ? undefined : complaint(finished);
}

/**
 * Snapshots many datasets in one atomic step for each pool. An old zfs(8) takes one tree at a time: then each of `tops`
 * is a step of its own. Throws `command-failed`.
 */
export async function snapshotTogether(
  run: Run,
  snapshots: readonly string[],
  tops: readonly string[],
  properties: Readonly<Record<string, string>>,
): Promise<void> {
  const set = Object.entries(properties).flatMap(([key, value]) => ['-o', `${mark}:${key}=${value}`]);
  const poolOfSnapshot = (name: string): string => poolOf(datasetOfSnapshot(name));
  for (const pool of new Set(snapshots.map(poolOfSnapshot))) {
    const together = snapshots.filter((name) => poolOfSnapshot(name) === pool);
    const taken = await run(['zfs', 'snapshot', ...set, ...together], { changes: true });
    if (!/too many arguments/.test(taken.stderr)) succeeded(taken);
    else
      for (const top of tops.filter((name) => poolOfSnapshot(name) === pool))
        succeeded(await run(['zfs', 'snapshot', '-r', ...set, top], { changes: true }));
  }
}

/**
 * Which of these held snapshots jtx itself holds; all of them where this zfs(8) cannot tell. A process for each: a tag may
 * hold a newline, and with it a line about another.
 */
export async function heldByJtx(run: Run, names: readonly string[]): Promise<Set<string>> {
  const own = new Set<string>();
  for (const name of names) {
    const listed = await run(['zfs', 'holds', '-H', name]);
    if (listed.status !== 0 || taggedAs(listed.stdout, mark).includes(name)) own.add(name);
  }
  return own;
}

/** Reads `zfs holds -H`: the snapshot, the tag and the time, tabs between. Gives the snapshots with a tag. */
export function taggedAs(text: string, tag: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', found] = line.split('\t');
    return found === tag ? [name] : [];
  });
}
