import { JtxError, refused } from '../error.ts';
import { runCommand } from '../host/run.ts';
import { absoluteTime } from '../report/time.ts';
import type { Context } from '../transaction/context.ts';
import { type Ending, plainEnding, withNotes } from '../transaction/ending.ts';
import { newTransactionId } from '../transaction/id.ts';
import { requireExchangeable, rollback } from '../transaction/rollback.ts';
import { destroyTree, renameDataset } from '../zfs/clone.ts';
import { exists } from '../zfs/exists.ts';
import { asideName } from '../zfs/names.ts';
import { destroyContainer, makeContainer } from './container.ts';
import { containerOf, finishCutOff, requireNoneCutOff, toEmptyPlace } from './cut-off-restore.ts';
import { type FoundBackup, findBackup, type WantedBackup } from './find-backup.ts';
import { lockRestore, whileReading } from './lock-backups.ts';
import { backupTime } from './names.ts';
import { receiveTree } from './receive-tree.ts';
import { placeFor, type RestorePlace } from './restore-place.ts';
import { sealTree } from './restored-tree.ts';

/** What a person asks to restore. */
export interface RestoreRequest extends WantedBackup {
  /** Beside the jail, under this name; undefined is the jail itself. */
  as: string | undefined;
  planOnly: boolean;
}

/**
 * Restores a jail from a backup. Where it exists, as a transaction: what is there is set aside. Else beside all others,
 * on a host that need not know it. Nothing is in its place before all of it has come. Throws {@link JtxError} for what is
 * refused before anything is changed; `prune-running`, `restore-running`.
 */
export function restore(context: Context, request: RestoreRequest): Promise<Ending> {
  return whileReading(context, () => restoreJail(context, request));
}

async function restoreJail(context: Context, request: RestoreRequest): Promise<Ending> {
  const name = request.as ?? request.jail;
  const place = await placeFor(context, name);
  const lock = lockRestore(context, place.root);
  try {
    if (request.planOnly) await requireNoneCutOff(place);
    else await finishCutOff(context, name, place);
    if (request.as !== undefined && place.occupied)
      throw refused('jail-exists', `there is a jail ${name} already: ${place.root}`, 'Choose another name.');
    await requireReady(context, name, place, request);
    const found = await findBackup(context, request);
    const words = `backup ${found.backup} of ${request.jail} from ${found.target.name}`;
    const id = newTransactionId();
    const known = [...found.notes, ...laterDescription(found)];
    if (request.planOnly) return withNotes(told(id, name, place, found, words, 'unchanged'), known);
    const container = containerOf(place, id);
    const tree = asideName(place.dataset, id);
    try {
      await makeContainer(runCommand, container, id);
      const notes = [...known, ...(await receiveWhole(context, found, place, { container, tree }))];
      if (place.occupied) return withNotes(await takePlace(context, request, found, tree), notes);
      notes.push(...(await toEmptyPlace(context, place, id)));
      return withNotes(told(id, name, place, found, words, 'committed'), notes);
    } finally {
      await destroyContainer(runCommand, container);
    }
  } finally {
    lock.release();
  }
}

/** That what the datasets have of their own may not be what they had: of that a target keeps only the last. */
function laterDescription({ backup, described }: FoundBackup): string[] {
  if (described <= backup) return [];
  const time = absoluteTime(backupTime(described));
  return [
    `Properties and mount points are those of ${time} or later: a target keeps those of the last backup alone.`,
  ];
}

/** Whatever would refuse what comes, in hours perhaps, refuses it now. */
async function requireReady(
  context: Context,
  name: string,
  { root, dataset, occupied }: RestorePlace,
  { planOnly }: RestoreRequest,
): Promise<void> {
  if (occupied) return requireExchangeable(context, { jail: name, planOnly });
  if (await exists(runCommand, dataset))
    throw refused(
      'place-taken',
      `${dataset} exists, and is not mounted at ${root}`,
      `zfs list -r ${dataset} shows it; --as restores under another name.`,
    );
}

/** Once it has come whole it is something that was set aside, and as good as that. Gives what a person should know. */
async function receiveWhole(
  context: Context,
  { target, members, abilities }: FoundBackup,
  { dataset, root }: RestorePlace,
  { container, tree }: { container: string; tree: string },
): Promise<string[]> {
  const top = `${container}/tree`;
  await receiveTree(context, runCommand, target, members, { top, abilities });
  const notes = await sealTree(runCommand, members, { tree: top, dataset, root });
  await renameDataset(runCommand, top, tree);
  return notes;
}

/** The jail is there: what it is now is set aside, and can be brought back. */
async function takePlace(
  context: Context,
  { jail }: RestoreRequest,
  { target, backup, members }: FoundBackup,
  tree: string,
): Promise<Ending> {
  try {
    return await rollback(context, {
      jail,
      to: undefined,
      planOnly: false,
      onData: 'aside',
      restored: {
        words: `to what it was at ${absoluteTime(backupTime(backup))} (backup ${backup} from ${target.name})`,
        arguments: ['to', 'backup', backup, 'from', target.name],
        before: backup,
        aside: tree,
        paths: members.map(({ copy }) => copy.path),
      },
    });
  } catch (error) {
    // Refused, busy or interrupted: nothing of it is used, nobody is told of it, and what has come can come again.
    if (error instanceof JtxError) await destroyTree(runCommand, tree);
    throw error;
  }
}

function told(
  id: string,
  jail: string,
  { root, occupied }: RestorePlace,
  { backup, members }: FoundBackup,
  words: string,
  state: 'unchanged' | 'committed',
): Ending {
  const verb = state === 'unchanged' ? 'would be' : 'is';
  const aside = occupied ? ['What is there now would be set aside: nothing is destroyed.'] : [];
  return plainEnding({
    id,
    jail,
    verb: 'restore',
    state,
    plan: `${root} ${verb} what it was at ${absoluteTime(backupTime(backup))}: ${words}, ${members.length} datasets.`,
    notes: state === 'unchanged' ? aside : [],
  });
}
