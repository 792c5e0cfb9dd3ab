import { refused } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { exchangeTrees } from '../transaction/exchange.ts';
import { newTransactionId } from '../transaction/id.ts';
import { lockDirectory } from '../transaction/lock-directory.ts';
import { recoverUnsettled } from '../transaction/recover.ts';
import { destroyTree } from '../zfs/clone.ts';
import { exists } from '../zfs/exists.ts';
import { asideName, idPattern } from '../zfs/names.ts';
import { destroyContainer, listContainers } from './container.ts';
import type { RestorePlace } from './restore-place.ts';

/** The dataset below which what a restore brings to a place is received. */
export function containerOf({ dataset }: RestorePlace, id: string): string {
  return `${dataset}.restore-${id}`;
}

/** What has come whole takes an empty place, or goes on taking it. Gives what there was no room for, in words. */
export function toEmptyPlace({ progress }: Context, place: RestorePlace, id: string): Promise<string[]> {
  const { dataset, root } = place;
  // Nothing is there, so nothing goes aside: the name is not used.
  const aside = asideName(dataset, newTransactionId());
  const exchange = { dataset, aside, incoming: { aside: asideName(dataset, id) }, members: [] };
  return exchangeTrees(runCommand, exchange, { root, mounted: [], progress });
}

/** A plan changes nothing, and cannot say what is there once what was cut off is finished. Throws `restore-unfinished`. */
export async function requireNoneCutOff(place: RestorePlace): Promise<void> {
  const [left] = await listCutOff(place);
  if (left)
    throw refused(
      'restore-unfinished',
      `a restore to ${place.root} was cut off, and has left ${left.name}`,
      'The same command without --plan finishes it, or takes away what it left.',
    );
}

/**
 * A restore that was cut off: a jail that had come whole to an empty place is made to be there; what has come in part, or
 * was not used, goes: it can come again. Throws `restore-finished` where that is what there was to do.
 */
export async function finishCutOff(context: Context, name: string, place: RestorePlace): Promise<void> {
  const left = await listCutOff(place);
  if (place.occupied && left.length > 0) await recoverJail(context, name, place.root);
  for (const { name: container, id } of left) {
    const tree = asideName(place.dataset, id);
    const came = await exists(runCommand, tree);
    // A restore begins only where no dataset has the name: one that has it came by this one, and may not be mounted yet.
    if (!place.occupied && (came || (await exists(runCommand, place.dataset)))) {
      await toEmptyPlace(context, place, id);
      await destroyContainer(runCommand, container);
      throw refused(
        'restore-finished',
        `a restore to ${place.root} that was cut off is finished now`,
        'Look at what is there; to restore once more, repeat the command.',
      );
    }
    if (came) await destroyTree(runCommand, tree);
    await destroyContainer(runCommand, container);
  }
}

function listCutOff({ dataset }: RestorePlace): Promise<{ name: string; id: string }[]> {
  const escaped = dataset.replaceAll('.', '\\.');
  return listContainers(runCommand, new RegExp(`^${escaped}\\.restore-(${idPattern})$`));
}

/** What a rollback has begun to use is its own. */
async function recoverJail(context: Context, name: string, root: string): Promise<void> {
  const lock = lockRoot(lockDirectory(context.config), root, name);
  try {
    await recoverUnsettled(context, name, root);
  } finally {
    lock.release();
  }
}
