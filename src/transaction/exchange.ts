import { JtxError } from '../error.ts';
import { type Run, succeeded } from '../host/run.ts';
import {
  asideMark,
  carriedProperties,
  type Mark,
  markProperty,
  newMark,
  parseMark,
  sealProperties,
  unsealProperties,
} from '../zfs/aside.ts';
import { cloneSnapshot, promoteClone, renameDataset } from '../zfs/clone.ts';
import { inMountOrder, mountDataset, unmountDataset } from '../zfs/dataset.ts';
import { reloadKeys } from '../zfs/keys.ts';
import { isWithin, poolOf } from '../zfs/names.ts';
import { grant, listGrants } from '../zfs/permissions.ts';
import {
  inheritProperty,
  isOfRoom,
  ownProperties,
  type Property,
  setProperties,
  setWhereRoom,
} from '../zfs/properties.ts';
import { type Exchange, type ExchangeStep, type Existing, remainingSteps } from './exchange-plan.ts';
import { incomingSnapshots } from './incoming-snapshots.ts';
import { Places } from './places.ts';

/** A dataset of the trees concerned, as it is found. */
interface Found extends Existing {
  filesystem: boolean;
  mountpoint: string;
  mounted: boolean;
  /** It is mounted with all others. */
  canmount: boolean;
  mark: Mark | undefined;
}

const columns = [
  'name',
  'type',
  'origin',
  'mountpoint',
  'mounted',
  'canmount',
  'reservation',
  'refreservation',
  asideMark,
];

/**
 * Sets a stopped jail's tree aside and puts another in its place, or finishes that where a crash cut it off.
 * Destroys nothing. `root` is where the jail's dataset is mounted. Gives what there was no room for any more, and which
 * keys a person has to load, in words.
 * Throws `root-busy` before anything is changed; `key-missing`, `command-failed` and `root-unsafe`, and then it is to be
 * finished by recovery.
 */
export async function exchangeTrees(run: Run, exchange: Exchange, root: string): Promise<string[]> {
  const found = await findTrees(run, exchange);
  const steps = remainingSteps(exchange, [...found.values()], await incomingSnapshots(run, exchange));
  const places = new Places(root, found.values());
  await unmountFor(run, steps, exchange, { found, places });
  const notes: string[] = [];
  for (const step of steps) notes.push(...(await carryOut(run, step, exchange, root, { found, places })));
  const locked = await reloadKeys(run, exchange.dataset);
  await mountPlaced(run, exchange, { places, locked });
  notes.push(
    ...locked.map(
      (one) => `The key of ${one} is in no file, and is not loaded any more: zfs load-key ${one}`,
    ),
  );
  return notes;
}

/** What an exchange begins with. */
interface Start {
  found: ReadonlyMap<string, Found>;
  places: Places;
}

async function findTrees(run: Run, { dataset, aside, incoming }: Exchange): Promise<Map<string, Found>> {
  const tops = [dataset, aside, 'aside' in incoming ? incoming.aside : incoming.tree];
  const pool = poolOf(dataset);
  const type = 'filesystem,volume';
  const listed = await run(['zfs', 'list', '-H', '-r', '-t', type, '-o', columns.join(','), pool]);
  const found = new Map<string, Found>();
  for (const line of succeeded(listed).stdout.split('\n')) {
    const [name = '', type, origin, mountpoint = '', mounted, canmount, ...more] = line.split('\t');
    const [reservation, refreservation, value] = more;
    if (value === undefined || !tops.some((top) => isWithin(name, top))) continue;
    const mark = parseMark(value, name);
    // One in the jail's place that is marked still has to be made what it was, however far that has come.
    const marked = mark !== undefined && (mark.sealed || name === mark.name);
    found.set(name, {
      name,
      filesystem: type === 'filesystem',
      mountpoint,
      origin: origin === '-' ? undefined : origin,
      mounted: mounted === 'yes',
      canmount: canmount === 'on',
      marked,
      mark,
      reserved: [reservation, refreservation].some(isSome) || reservationsOf(mark).length > 0,
    });
  }
  return found;
}

function isSome(size: string | undefined): boolean {
  return size !== undefined && !/^(none|0|-)$/.test(size);
}

function reservationsOf(mark: Mark | undefined): Property[] {
  return Object.entries(mark?.own ?? {}).filter(([name]) => isReservation(name));
}

function isReservation(name: string): boolean {
  return /^(ref)?reservation$/.test(name);
}

/** What gets another name must not be mounted, and neither must what is to be sealed. */
async function unmountFor(
  run: Run,
  steps: readonly ExchangeStep[],
  { aside }: Exchange,
  { found, places }: Start,
): Promise<void> {
  const tops = [aside, ...steps.flatMap((step) => (step.do === 'rename' ? [step.from] : []))];
  const mounted = [...found.values()].filter(
    ({ name, mounted }) => mounted && tops.some((top) => isWithin(name, top)),
  );
  const unmounted: Found[] = [];
  for (const one of inMountOrder(mounted).reverse()) {
    if (await unmountDataset(run, one.name)) unmounted.push(one);
    else {
      for (const again of unmounted.reverse()) await mountAt(run, again, places);
      throw busy(one.name);
    }
  }
}

async function mountAt(run: Run, { name, mountpoint }: Found, places: Places): Promise<void> {
  places.require(name, mountpoint);
  await mountDataset(run, name);
}

function busy(dataset: string): JtxError {
  return new JtxError({
    code: 'root-busy',
    outcome: 'refused',
    message: `${dataset} is in use on the host and cannot be unmounted, so it cannot be set aside`,
    hint: `fuser -c "$(zfs get -H -o value mountpoint ${dataset})" shows by whom.`,
  });
}

async function carryOut(
  run: Run,
  step: ExchangeStep,
  exchange: Exchange,
  root: string,
  { found, places }: Start,
): Promise<string[]> {
  switch (step.do) {
    case 'rename':
      await renameDataset(run, step.from, step.to);
      return [];
    case 'clone': {
      const own = (await ownProperties(run, [step.like])).get(step.like) ?? [];
      const properties = carriedProperties(own, found.get(step.like)?.mark);
      places.require(step.dataset, new Map(properties).get('mountpoint'));
      // What is set aside has what is reserved until it is sealed, and a clone's own data are its until the promotion.
      const free = properties.filter(([name]) => !isReservation(name));
      await cloneSnapshot(run, step.snapshot, step.dataset, free);
      return [];
    }
    case 'permit':
      await grant(run, step.dataset, await listGrants(run, step.like));
      return [];
    case 'promote':
      await promoteClone(run, step.dataset);
      return [];
    case 'mark':
      await markAside(run, step, exchange, root, found);
      return [];
    case 'unmark':
      return unmark(run, step.dataset, exchange, { found, places });
    case 'reserve': {
      const own = new Map((await ownProperties(run, [step.like])).get(step.like));
      const mark = parseMark(own.get(asideMark) ?? '', step.like);
      return setWhereRoom(run, step.dataset, reservationsOf(mark));
    }
  }
}

async function markAside(
  run: Run,
  { dataset, name, mounted }: Extract<ExchangeStep, { do: 'mark' }>,
  exchange: Exchange,
  root: string,
  found: ReadonlyMap<string, Found>,
): Promise<void> {
  const known = found.get(dataset) ?? found.get(name);
  const filesystem = known?.filesystem !== false;
  const own = (await ownProperties(run, [dataset])).get(dataset) ?? [];
  const mark = found.get(dataset)?.mark ?? newMark(name, mounted, own);
  const suffix = exchange.aside.slice(exchange.dataset.length);
  const moved = (path: string): string =>
    path === root || path.startsWith(`${root}/`) ? root + suffix + path.slice(root.length) : path;
  await setProperties(run, dataset, [
    markProperty(mark),
    ...sealProperties(mark, filesystem, moved),
    markProperty({ ...mark, sealed: true }),
  ]);
}

async function unmark(
  run: Run,
  dataset: string,
  exchange: Exchange,
  { found, places }: Start,
): Promise<string[]> {
  const from = 'aside' in exchange.incoming ? exchange.incoming.aside : exchange.dataset;
  const known = found.get(from + dataset.slice(exchange.dataset.length)) ?? found.get(dataset);
  if (!known?.mark) return [];
  places.require(dataset, known.mark.own['mountpoint']);
  const { set, inherit } = unsealProperties(known.mark, known.filesystem);
  // To inherit a mount point anew removes the directory that was there, and so changes its parent: only where needed.
  const now = new Set((await ownProperties(run, [dataset])).get(dataset)?.map(([name]) => name));
  await setProperties(
    run,
    dataset,
    set.filter((property) => !isOfRoom(property)),
  );
  const notes = await setWhereRoom(run, dataset, set.filter(isOfRoom));
  for (const property of inherit) if (now.has(property)) await inheritProperty(run, dataset, property);
  return notes;
}

/**
 * Mounts what was mounted of the tree that was left, and what comes back that was not in it; always its top: a jail that
 * was restored to an empty place is none without its root, which may be of those that are not mounted by themselves.
 */
async function mountPlaced(
  run: Run,
  exchange: Exchange,
  { places, locked }: { places: Places; locked: readonly string[] },
): Promise<void> {
  const { dataset, incoming, members } = exchange;
  const left = new Map(members.map((member) => [member.name, member.mounted]));
  for (const one of inMountOrder([...(await findTrees(run, exchange)).values()])) {
    const { name, mounted, canmount } = one;
    if (mounted || (name !== dataset && !name.startsWith(`${dataset}/`))) continue;
    const wanted =
      name === dataset || left.get(name) === true || (canmount && ('aside' in incoming || !left.has(name)));
    if (!wanted) continue;
    const root = locked.find((other) => isWithin(name, other));
    if (root !== undefined) throw keyMissing(root);
    await mountAt(run, one, places);
  }
}

/** Only a person knows it: it is in no file, and the one that was loaded went with the tree that was left. */
function keyMissing(root: string): JtxError {
  return new JtxError({
    code: 'key-missing',
    outcome: 'stuck',
    message: `${root} is in its place and cannot be mounted: its key cannot be loaded`,
    state: 'Nothing was destroyed.',
    hint: `zfs load-key ${root} && jtx recover\nWhere nothing is left to recover: zfs mount -a`,
  });
}
