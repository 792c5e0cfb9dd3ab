import { JtxError, refused } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import { absoluteTime } from '../report/time.ts';
import type { Context } from '../transaction/context.ts';
import type { Ending } from '../transaction/ending.ts';
import { exchangeTrees } from '../transaction/exchange.ts';
import { newTransactionId } from '../transaction/id.ts';
import { lockDirectory } from '../transaction/lock-directory.ts';
import { rollback } from '../transaction/rollback.ts';
import { asideName } from '../zfs/aside.ts';
import { destroyTree } from '../zfs/clone.ts';
import { type FoundBackup, findBackup, type WantedBackup } from './find-backup.ts';
import { backupTime } from './names.ts';
import { receiveTree } from './receive-tree.ts';
import { placeFor, type RestorePlace } from './restore-place.ts';
import { clearPartial, forgetRestoring, sealTree, unfinished } from './restored-tree.ts';

/** What a person asks to restore. */
export interface RestoreRequest extends WantedBackup {
  /** Beside the jail, under this name; undefined is the jail itself. */
  as: string | undefined;
  planOnly: boolean;
}

/**
 * Restores a jail from a backup. Where it exists, as a transaction: what is there is set aside. Else beside all others,
 * on a host that need not know it. Nothing is in its place before all of it has come. Throws {@link JtxError} for what is
 * refused before anything is changed.
 */
export async function restore(context: Context, request: RestoreRequest): Promise<Ending> {
  const name = request.as ?? request.jail;
  const place = await placeFor(context, name, request.as !== undefined);
  const lock = lockRoot(lockDirectory(context.config), `the restore of ${place.root}`);
  try {
    await finishEarlier(place);
    const found = await findBackup(context, request);
    const words = `backup ${found.backup} of ${request.jail} from ${found.target.name}`;
    const id = newTransactionId();
    if (request.planOnly) return told(id, name, place, found, words, 'unchanged');
    const tree = asideName(place.dataset, id);
    try {
      const run = runCommand;
      const { target, members, abilities } = found;
      await receiveTree(context, run, target, members, { top: tree, id, abilities });
      await sealTree(run, members, { dataset: place.dataset, tree, root: place.root });
    } catch (error) {
      await destroyTree(runCommand, tree);
      throw error;
    }
    if (place.occupied) return await takePlace(context, request, found, tree);
    await exchangeTrees(runCommand, exchangeOf(place, id), place.root);
    await forgetRestoring(runCommand, place.dataset);
    return told(id, name, place, found, words, 'committed');
  } finally {
    lock.release();
  }
}

/** The jail is there: what it is now is set aside, and can be brought back. */
async function takePlace(
  context: Context,
  { jail }: RestoreRequest,
  { target, backup, members }: FoundBackup,
  tree: string,
): Promise<Ending> {
  await forgetRestoring(runCommand, tree);
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
    // Refused: the jail is as it was, and what has come can come again.
    if (error instanceof JtxError && error.outcome === 'refused') await destroyTree(runCommand, tree);
    throw error;
  }
}

/** A restore that was cut off: one that had come whole is put in its place, and what had come in part goes. */
async function finishEarlier(place: RestorePlace): Promise<void> {
  const id = await unfinished(runCommand, place.dataset);
  if (id !== undefined) {
    await exchangeTrees(runCommand, exchangeOf(place, id), place.root);
    await forgetRestoring(runCommand, place.dataset);
    throw refused(
      'restore-finished',
      `a restore to ${place.dataset} that was cut off is finished now`,
      'Look at what is there; to restore once more, repeat the command.',
    );
  }
  await clearPartial(runCommand, place.dataset);
}

function exchangeOf({ dataset }: RestorePlace, id: string): Parameters<typeof exchangeTrees>[1] {
  // Nothing is there, so nothing goes aside: the name is not used.
  const aside = asideName(dataset, newTransactionId());
  return { dataset, aside, incoming: { aside: asideName(dataset, id) }, members: [] };
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
  return {
    id,
    jail,
    verb: 'restore',
    state,
    code: null,
    message: null,
    hint: null,
    signal: null,
    plan: `${root} ${verb} what it was at ${absoluteTime(backupTime(backup))}: ${words}, ${members.length} datasets.`,
    changes: [],
    verifications: [],
    snapshot: null,
    aside: null,
    notes: state === 'unchanged' ? aside : [],
    warnings: [],
  };
}
