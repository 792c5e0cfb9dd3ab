import { type Run, succeeded } from '../host/run.ts';
import {
  asideMark,
  carriedProperties,
  markProperty,
  newMark,
  sealProperties,
  splitAside,
} from '../zfs/aside.ts';
import { destroyTree } from '../zfs/clone.ts';
import { parentOf } from '../zfs/names.ts';
import { inheritProperty, type Property, setProperties } from '../zfs/properties.ts';
import type { Member } from './copy.ts';
import { restoring } from './receive-tree.ts';

/** A tree that has come whole, and what it is to become. */
export interface RestoredTree {
  tree: string;
  /** The jail's dataset, and where that is mounted. */
  dataset: string;
  root: string;
}

/**
 * Gives a tree that was received the properties that it had, as something that was set aside: the same step backwards
 * then makes a jail of it. Its own dataset is the last: until that is marked, it has not come whole.
 */
export async function sealTree(
  run: Run,
  members: readonly Member[],
  { tree, dataset, root }: RestoredTree,
): Promise<void> {
  const keys = keyLocations(members);
  for (const { copy } of [...members].reverse()) {
    const key = keys.get(copy.path);
    // Of a dataset that is not encrypted it cannot be set.
    if (key !== undefined)
      await run(['zfs', 'set', `keylocation=${key}`, tree + copy.path], { changes: true });
    const properties = placed(copy.properties, copy.at, root);
    const mark = newMark(dataset + copy.path, copy.at !== undefined, properties);
    await setProperties(run, tree + copy.path, [
      ...carriedProperties(properties, { ...mark, own: {} }),
      ...sealProperties(mark, !copy.volume, (path) => `${path}.aside`),
      markProperty({ ...mark, sealed: true }),
    ]);
  }
}

/**
 * Where the keys of encrypted members lie, by path. Each is received as an encryption root of its own, also one that had
 * its key from above.
 */
export function keyLocations(members: readonly Member[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { copy } of members) {
    const own = copy.properties.find(([name]) => name === 'keylocation')?.[1];
    const above = [...found].findLast(([path]) => copy.path.startsWith(`${path}/`))?.[1];
    const location = own ?? above;
    if (location !== undefined && location !== 'prompt' && location !== 'none')
      found.set(copy.path, location);
  }
  return found;
}

/** A mount point of its own moves with the root; one outside of the jail is not the jail's to have here. */
function placed(properties: readonly Property[], at: string | undefined, root: string): Property[] {
  return properties
    .filter(([name]) => name !== restoring)
    .map(([name, value]) =>
      name === 'mountpoint' && value.startsWith('/')
        ? [name, at === undefined ? 'none' : root + at]
        : [name, value],
    );
}

/** From here on it is a dataset like any other. */
export async function forgetRestoring(run: Run, top: string): Promise<void> {
  const listed = await run(['zfs', 'get', '-H', '-r', '-s', 'local', '-o', 'name', restoring, top]);
  const names = succeeded(listed)
    .stdout.split('\n')
    .filter((name) => name !== '' && !name.includes('@'));
  for (const name of names.reverse()) await inheritProperty(run, name, restoring);
}

/** The restore that was cut off after its tree had begun to take the place of a dataset. */
export async function unfinished(run: Run, dataset: string): Promise<string | undefined> {
  const got = await run(['zfs', 'get', '-H', '-s', 'local', '-o', 'value', restoring, dataset]);
  const id = got.status === 0 ? got.stdout.trim() : '';
  return id === '' ? undefined : id;
}

/** Destroys what a restore to a dataset has left that was cut off before all of it had come. */
export async function clearPartial(run: Run, dataset: string): Promise<void> {
  const columns = 'name,property,value,source';
  const got = await run([
    'zfs',
    'get',
    '-H',
    '-r',
    '-o',
    columns,
    `${restoring},${asideMark}`,
    parentOf(dataset),
  ]);
  const left = new Map<string, { partial: boolean; marked: boolean }>();
  for (const line of got.stdout.split('\n')) {
    const [name = '', property, , source] = line.split('\t');
    const split = splitAside(name);
    if (split?.dataset !== dataset || split.path !== '' || source !== 'local') continue;
    const known = left.get(name) ?? { partial: false, marked: false };
    left.set(name, known);
    if (property === restoring) known.partial = true;
    else known.marked = true;
  }
  for (const [name, { partial, marked }] of left) if (partial && !marked) await destroyTree(run, name);
}
