import type { Run } from '../host/run.ts';
import { carriedProperties, markProperty, newMark, sealProperties } from '../zfs/aside.ts';
import { delegationIn, takenAs } from '../zfs/delegation.ts';
import { isOfRoom, type Property, setProperties, setWhereRoom } from '../zfs/properties.ts';
import { type Copy, type Member, orphansOf } from './copy.ts';

/** A tree that has come whole, and what it is to become. */
export interface RestoredTree {
  tree: string;
  /** The jail's dataset, and where that is mounted. */
  dataset: string;
  root: string;
}

/**
 * Gives a tree that was received the properties that it had, as something that was set aside: the same step backwards
 * then makes a jail of it. Its own dataset is the last: until that is marked, it has not come whole. Gives in words what
 * there was no room for, as with the earlier states on which a stream builds a tree may be larger than it ever was, and what
 * is mounted nowhere any more.
 */
export async function sealTree(
  run: Run,
  members: readonly Member[],
  { tree, dataset, root }: RestoredTree,
): Promise<string[]> {
  const keys = keyLocations(members);
  const orphans = orphansOf(members);
  const own = new Map(members.map(({ copy }) => [copy.path, copy.properties]));
  const notes: string[] = [];
  for (const { copy } of [...members].reverse()) {
    const key = keys.get(copy.path);
    // Of a dataset that is not encrypted it cannot be set.
    if (key !== undefined)
      await run(['zfs', 'set', `keylocation=${key}`, tree + copy.path], { changes: true });
    const delegation = copy.volume ? undefined : delegationIn(own, copy.path);
    const given = delegation !== undefined;
    const outside = given || copy.at !== undefined ? undefined : ownPath(copy);
    if (outside !== undefined) notes.push(nowhere(dataset + copy.path, outside));
    const properties = given ? copy.properties : placed(copy, root, orphans);
    const mark = newMark(dataset + copy.path, copy.at !== undefined, properties);
    const carried = carriedProperties(properties, { ...mark, own: {} });
    const limits = carried.filter(isOfRoom);
    notes.push(...(await setWhereRoom(run, tree + copy.path, limits, dataset + copy.path)));
    await setProperties(run, tree + copy.path, [
      ...carried.filter((property) => !isOfRoom(property)),
      ...sealProperties(mark, !copy.volume, (path) => (given ? 'none' : `${path}.aside`)),
    ]);
    await setProperties(run, tree + copy.path, delegation === undefined ? [] : takenAs(delegation));
    await setProperties(run, tree + copy.path, [markProperty({ ...mark, sealed: true, restored: true })]);
  }
  return notes;
}

/**
 * Where the keys of encrypted members lie, by path, but for those that are in no file. Each is received as an encryption
 * root of its own, also one that had its key from above.
 */
export function keyLocations(members: readonly Member[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { copy } of members) {
    const own = copy.properties.find(([name]) => name === 'keylocation')?.[1];
    const above = [...found].findLast(([path]) => copy.path.startsWith(`${path}/`))?.[1];
    const location = own ?? above;
    if (location !== undefined) found.set(copy.path, location);
  }
  return new Map([...found].filter(([, location]) => location !== 'prompt' && location !== 'none'));
}

/**
 * A mount point of its own moves with the root; one outside of the jail is not the jail's to have here. An orphan has
 * nobody any more of whom it could inherit its own.
 */
function placed(copy: Copy, root: string, orphans: ReadonlySet<string>): Property[] {
  const { path, at, volume, properties } = copy;
  const mountpoint = at === undefined ? 'none' : root + at;
  const isOwn = properties.some(([name]) => name === 'mountpoint');
  const added: Property[] = orphans.has(path) && !volume && !isOwn ? [['mountpoint', mountpoint]] : [];
  const moved = properties.map(
    ([name, value]): Property =>
      name === 'mountpoint' && value.startsWith('/') ? [name, mountpoint] : [name, value],
  );
  return [...moved, ...added];
}

/** The path that is a dataset's own mount point. */
function ownPath({ properties }: Copy): string | undefined {
  return properties.find(([name, value]) => name === 'mountpoint' && value.startsWith('/'))?.[1];
}

function nowhere(dataset: string, path: string): string {
  return `${dataset} was mounted at ${path}, outside of the jail, and is mounted nowhere now: zfs set mountpoint=${path} ${dataset}, where that is free.`;
}
