import { setTimeout as sleep } from 'node:timers/promises';
import { JtxError } from '../error.ts';
import { listMounts, unmount } from '../host/mounts.ts';
import type { Run } from '../host/run.ts';
import type { Member } from '../journal/rows.ts';
import { matchesDigest, readPackages } from '../pkg/database.ts';
import { inMountOrder } from '../zfs/dataset.ts';
import { isNeeded } from '../zfs/destroy-snapshots.ts';
import { rollbackTogether } from '../zfs/rollback-program.ts';
import { destroySnapshot, rollbackDataset } from '../zfs/snapshot.ts';
import { exchangeTrees } from './exchange.ts';
import type { Exchange } from './exchange-plan.ts';
import { mountAll, unmountWhatCanBe } from './mount-members.ts';
import { endRooted } from './processes.ts';
import type { Progress } from './progress.ts';
import { removeNewer } from './room.ts';
import { mountsOf, mountsOfAll } from './unmount-order.ts';

const settling = 6_000;

/** What is to be put back, and to which snapshot. */
export interface Reversal {
  root: string;
  members: readonly Member[];
  snapshot: string;
  /** jtx's own newer snapshots, which are to go first. */
  spent?: readonly string[];
  /** What jtx has mounted in the root, in that order. */
  mounted: readonly string[];
  /** When the failed change began that is reverted, milliseconds since the epoch: all that is newer is its own. */
  ownSince: number | undefined;
  /** Digest of the package list that must be found after it, where it is known. */
  packages: string | undefined;
  /** Set aside what is left, instead of losing it: nothing is reverted in place then. */
  exchange?: Exchange | undefined;
  /** Told where it takes long. */
  progress: Progress;
}

/**
 * Puts a stopped jail's datasets back to a snapshot, in place or by setting aside what they are now. Every step
 * may be done twice: a crash between two is finished by doing it all again. Nothing newer is destroyed for it. Gives
 * what there was no room for any more, in words.
 * Throws `revert-refused`, `revert-untrue`, `root-busy`, `root-unsafe`, `processes-remain`, `command-failed`; then the
 * jail is stuck.
 */
export async function revert(run: Run, reversal: Reversal): Promise<string[]> {
  const mounted = inMountOrder(reversal.members.filter((member) => member.mounted));
  const own = mountsOf(new Set(mounted.map(({ name }) => name)), await listMounts(run));
  await endRooted(
    run,
    own.map(({ node }) => node),
  );
  const { exchange } = reversal;
  const notes = exchange ? await exchangeTrees(run, exchange, reversal) : [];
  if (!exchange) await revertInPlace(run, reversal, mounted);
  await requireTrue(reversal);
  return notes;
}

async function revertInPlace(run: Run, reversal: Reversal, mounted: readonly Member[]): Promise<void> {
  await unmountInside(run, reversal.mounted);
  await unmountWhatCanBe(run, mounted);
  await destroySpent(run, reversal);
  let refusals = await rollBack(run, reversal);
  if (refusals.some((refusal) => /out of space/i.test(refusal)) && reversal.ownSince !== undefined) {
    await makeRoom(run, reversal, reversal.ownSince);
    refusals = await rollBackEach(run, reversal);
  }
  if (refusals.length > 0) throw revertRefused(reversal, refusals);
  await mountAll(run, reversal.root, mounted);
}

/** One that somebody has begun to send, to hold or to clone meanwhile is in the way like one that others made. */
async function destroySpent(run: Run, reversal: Reversal): Promise<void> {
  for (const name of reversal.spent ?? []) {
    try {
      await destroySnapshot(run, name);
    } catch (error) {
      if (!(error instanceof JtxError && isNeeded(error.message))) throw error;
      throw revertRefused(reversal, [error.message]);
    }
  }
}

/** Takes away what jtx has mounted in the root, each as often as it is there: a crash may have left two. */
async function unmountInside(run: Run, nodes: readonly string[]): Promise<void> {
  for (const { node } of mountsOfAll(new Set(), nodes, await listMounts(run))) await unmount(run, node);
}

/** All in one step where that can be, else one by one. Gives what was refused. */
async function rollBack(run: Run, reversal: Reversal): Promise<string[]> {
  const names = reversal.members.filter((member) => member.reverted).map((member) => member.name);
  const together = await rollbackTogether(run, names, reversal.snapshot);
  if (together.done) return [];
  return together.refusal === undefined ? rollBackEach(run, reversal) : [together.refusal];
}

async function rollBackEach(run: Run, reversal: Reversal): Promise<string[]> {
  const refusals: string[] = [];
  for (const member of reversal.members) {
    if (!member.reverted) continue;
    const refusal = await rollbackDataset(run, member.name, reversal.snapshot);
    if (refusal !== undefined) refusals.push(refusal);
  }
  return refusals;
}

/** Takes away what the change itself has written, so that a full pool can be rolled back. */
async function makeRoom(run: Run, { root, members }: Reversal, since: number): Promise<void> {
  const mounted = inMountOrder(members.filter((member) => member.mounted));
  await mountAll(run, root, mounted);
  const reverted = new Set(members.filter((member) => member.reverted).map(({ name }) => name));
  for (const { node } of mountsOf(reverted, await listMounts(run))) removeNewer(node, since);
  await unmountWhatCanBe(run, mounted);
  // What was removed is free once ZFS has written its next transaction groups.
  await sleep(settling);
}

function revertRefused(reversal: Reversal, refusals: readonly string[]): JtxError {
  return new JtxError({
    code: 'revert-refused',
    outcome: 'stuck',
    message: refusals.join('; '),
    hint: [
      `zfs list -t all -r ${reversal.members[0]?.name ?? ''} shows what is newer than @${reversal.snapshot}.`,
      'Move or destroy that yourself, then run: jtx recover',
    ].join('\n'),
  });
}

async function requireTrue(reversal: Reversal): Promise<void> {
  if (reversal.packages === undefined) return;
  if (matchesDigest(await readPackages(reversal.root), reversal.packages)) return;
  throw new JtxError({
    code: 'revert-untrue',
    outcome: 'stuck',
    message: `after the rollback ${reversal.root} does not hold the packages that it held before`,
    hint: 'The snapshots are held: compare the jail with them, and run jtx recover once more.',
  });
}
