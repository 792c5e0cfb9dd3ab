import { type Command, complaint, type Run, succeeded } from '../host/run.ts';
import { exists } from './exists.ts';
import { runUntilFree } from './held.ts';
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

/** Reads `zfs get -Hp -o name,property,value,source guid,userrefs,jtx:...`. An inherited value is not the snapshot's own. */
export function parseSnapshots(text: string): Snapshot[] {
  const found = new Map<string, { guid: string; own: Record<string, string>; held?: true }>();
  for (const line of text.split('\n')) {
    const [name, property, value, source] = line.split('\t');
    if (name === undefined || property === undefined || value === undefined || !name.includes('@')) continue;
    const snapshot = found.get(name) ?? { guid: '', own: {} };
    found.set(name, snapshot);
    if (property === 'guid') snapshot.guid = value;
    else if (property === 'userrefs' && Number(value) > 0) snapshot.held = true;
    else if (source === 'local') snapshot.own[property.slice(mark.length + 1)] = value;
  }
  return [...found].map(([name, snapshot]) => ({ name, ...snapshot }));
}

/** Names in one command: all words of a command line together have an end. */
const together = 500;

/** What is known of these snapshots; those that do not exist are left out. One process for hundreds of them. */
export async function describeSnapshots(run: Run, names: readonly string[]): Promise<Snapshot[]> {
  const command = ['zfs', 'get', '-Hp', '-o', 'name,property,value,source', properties.join(',')] as const;
  const found: Snapshot[] = [];
  const asked = new Set(names);
  for (let at = 0; at < names.length; at += together) {
    const got = await run([...command, ...names.slice(at, at + together)]);
    if (got.status !== 0 && !/does not exist/.test(got.stderr)) succeeded(got);
    // As in listPoints: what else is printed is none of ZFS.
    found.push(...parseSnapshots(got.stdout).filter(({ name }) => asked.has(name)));
  }
  return found;
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

/** Which of these held snapshots jtx itself holds; all of them where this zfs(8) cannot tell. */
export async function heldByJtx(run: Run, names: readonly string[]): Promise<Set<string>> {
  const own = new Set<string>();
  for (let at = 0; at < names.length; at += together) {
    const some = names.slice(at, at + together);
    const listed = await run(['zfs', 'holds', '-H', ...some]);
    const found = listed.status === 0 ? taggedAs(listed.stdout, mark) : some;
    for (const name of found) own.add(name);
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
