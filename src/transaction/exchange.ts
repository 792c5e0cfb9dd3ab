import { JtxError } from '../error.ts';
import { listMounts, type Mount } from '../host/mounts.ts';
import type { Run } from '../host/run.ts';
import { inMountOrder, mountDataset } from '../zfs/dataset.ts';
import { keyNeeded, type LockedRoot, reloadKeys, whyLocked } from '../zfs/keys.ts';
import { datasetOfSnapshot, isWithin } from '../zfs/names.ts';
import { type Exchange, type ExchangeStep, remainingSteps } from './exchange-plan.ts';
import { carryOut, type Start } from './exchange-steps.ts';
import { findTrees, type Listed, listTrees } from './found-trees.ts';
import { legacyMount } from './in-use.ts';
import { incomingSnapshots } from './incoming-snapshots.ts';
import { Places } from './places.ts';
import type { Progress } from './progress.ts';
import { mountsOfAll } from './unmount-order.ts';
import { unmountPatiently } from './unmount-patiently.ts';

/** What an exchange has to do with on the host. */
interface Surroundings {
  /** Where the jail's dataset is mounted. */
  root: string;
  /** Where jtx has mounted something in it. */
  mounted: readonly string[];
  progress: Progress;
}

/**
 * Sets a stopped jail's tree aside and puts another in its place, or finishes that where a crash cut it off.
 * Destroys nothing. Gives what there was no room for any more, and which keys a person has to load, in words.
 * Throws `root-busy` before anything is changed; `key-missing`, `command-failed` and `root-unsafe`, and then it is to be
 * finished by recovery.
 */
export async function exchangeTrees(
  run: Run,
  exchange: Exchange,
  surroundings: Surroundings,
): Promise<string[]> {
  const { root } = surroundings;
  const snapshots = await incomingSnapshots(run, exchange);
  const found = await findTrees(run, exchange, [...snapshots.values()].map(datasetOfSnapshot));
  const steps = remainingSteps(exchange, [...found.values()], snapshots);
  const places = new Places(exchange.dataset, root, found.values());
  const start: Start = { exchange, root, found, places };
  await unmountFor(run, steps, start, surroundings);
  const notes: string[] = [];
  for (const step of steps) notes.push(...(await carryOut(run, step, start)));
  const locked = await reloadKeys(run, exchange.dataset);
  await mountPlaced(run, exchange, { places, locked });
  notes.push(...locked.map(keyNeeded));
  return notes;
}

/** What gets another name must not be mounted, and neither must what is to be sealed. */
async function unmountFor(
  run: Run,
  steps: readonly ExchangeStep[],
  { exchange: { aside }, found, places }: Start,
  { root, mounted, progress }: Surroundings,
): Promise<void> {
  const tops = [aside, ...steps.flatMap((step) => (step.do === 'rename' ? [step.from] : []))];
  const names = new Set([...found.keys()].filter((name) => tops.some((top) => isWithin(name, top))));
  const there = mountsOfAll(names, mounted, await listMounts(run));
  const legacy = there.find(({ special }) => found.get(special)?.mountpoint === 'legacy');
  if (legacy) throw legacyMount(legacy.node, there, therefore);
  const unmounted: Listed[] = [];
  for (const mount of there) {
    if (!(await unmountPatiently(run, mount, root, progress))) {
      for (const again of unmounted.reverse()) await mountAt(run, again, places);
      throw busy(mount);
    }
    const one = found.get(mount.special);
    if (one) unmounted.push(one);
  }
}

async function mountAt(run: Run, { name, mountpoint }: Listed, places: Places): Promise<void> {
  places.require(name, mountpoint);
  await mountDataset(run, name);
}

const therefore = 'it cannot be set aside';

function busy({ special, node }: Mount): JtxError {
  return new JtxError({
    code: 'root-busy',
    outcome: 'refused',
    message: `${special} at ${node} is in use on the host and cannot be unmounted: ${therefore}`,
    hint: `fuser -c ${node} shows by whom.`,
  });
}

/**
 * Mounts what was mounted of the tree that was left, and what comes back that was not in it; always its top: a jail that
 * was restored to an empty place is none without its root, which may be of those that are not mounted by themselves.
 */
async function mountPlaced(
  run: Run,
  exchange: Exchange,
  { places, locked }: { places: Places; locked: readonly LockedRoot[] },
): Promise<void> {
  const { dataset, incoming, members } = exchange;
  const left = new Map(members.map((member) => [member.name, member.mounted]));
  for (const one of inMountOrder(await listTrees(run, exchange))) {
    const { name, mounted, canmount } = one;
    if (mounted || (name !== dataset && !name.startsWith(`${dataset}/`))) continue;
    const wanted =
      name === dataset || left.get(name) === true || (canmount && ('aside' in incoming || !left.has(name)));
    if (!wanted) continue;
    const root = locked.find((other) => isWithin(name, other.name));
    if (root !== undefined) throw keyMissing(root);
    await mountAt(run, one, places);
  }
}

/** It is in no file, or not in that of which it is known, and the one that was loaded went with the tree that was left. */
function keyMissing(root: LockedRoot): JtxError {
  const { name, location } = root;
  const there =
    location === 'prompt' ? `zfs load-key ${name} && jtx recover` : 'Once it is there: jtx recover';
  return new JtxError({
    code: 'key-missing',
    outcome: 'stuck',
    message: `${name} is in its place and cannot be mounted: ${whyLocked(root)}`,
    state: 'Nothing was destroyed.',
    hint: [
      there,
      `Where it is in another file: zfs load-key -L file://FILE ${name} && jtx recover (-L prompt asks for it)`,
      'Where nothing is left to recover: zfs mount -l -a',
    ].join('\n'),
  });
}
