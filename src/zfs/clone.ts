import { type Command, complaint, type Finished, type Run, succeeded } from '../host/run.ts';
import { runUntilFree } from './held.ts';
import { datasetName } from './names.ts';
import { unlessOld } from './old-zfs.ts';
import { type Property, settings } from './properties.ts';

/**
 * Makes a dataset from a snapshot, with these properties: a clone takes no local ones of its origin
 * (docs/freebsd-facts.md, setting aside). Throws `command-failed`.
 */
export async function cloneSnapshot(
  run: Run,
  snapshot: string,
  dataset: string,
  properties: readonly Property[],
): Promise<void> {
  const options = settings(properties).flatMap((setting) => ['-o', setting]);
  const command: Command = ['zfs', 'clone', ...options, snapshot, datasetName(dataset)];
  succeeded(await run(command, { changes: true }));
}

/** Makes a clone the owner of the snapshots up to its origin. Throws `command-failed`. */
export async function promoteClone(run: Run, dataset: string): Promise<void> {
  succeeded(await run(['zfs', 'promote', datasetName(dataset)], { changes: true }));
}

/**
 * The same, unless one of these snapshots is in use: that is so as long as it is being sent. Gives what zfs(8) said then.
 * Throws `command-failed`.
 */
export async function promoteUnlessInUse(
  run: Run,
  dataset: string,
  attempts: number,
): Promise<string | undefined> {
  const promoted = await runUntilFree(run, ['zfs', 'promote', datasetName(dataset)], isHeld, attempts);
  if (promoted.status !== 0 && isHeld(promoted.stderr)) return complaint(promoted);
  succeeded(promoted);
  return undefined;
}

function isHeld(complaint: string): boolean {
  return /busy/.test(complaint);
}

/**
 * Gives a dataset and all below it another name; nothing of it may be mounted. With -u, because without it zfs(8) removes
 * the directory on which it was mounted, and so changes its parent; an old one has no -u, and of a volume, which is mounted
 * nowhere, it is refused. Waits for it, because a change that has come this far would be stuck half-way. Throws
 * `command-failed`.
 */
export async function renameDataset(run: Run, from: string, to: string): Promise<void> {
  const names = [datasetName(from), datasetName(to)] as const;
  const plainly = (): Promise<Finished> => runUntilFree(run, ['zfs', 'rename', ...names], isHeld, 25);
  const renamed = await unlessOld(
    run,
    () => runUntilFree(run, ['zfs', 'rename', '-u', ...names], isHeld, 25),
    plainly,
  );
  const isVolume = /not applicable to datasets of this type/.test(renamed.stderr);
  succeeded(isVolume ? await plainly() : renamed);
}

/**
 * Destroys a dataset of jtx's own, with all below it and their snapshots; that it is gone is fine. Waits a moment for one
 * that is still held. Throws `command-failed`.
 */
export async function destroyTree(run: Run, dataset: string): Promise<void> {
  const command: Command = ['zfs', 'destroy', '-r', datasetName(dataset)];
  const finished = await runUntilFree(run, command, isHeld, 10);
  if (!/does not exist/.test(finished.stderr)) succeeded(finished);
}
