import { join, posix } from 'node:path';
import { refused, usage } from '../error.ts';
import { lookInside } from '../host/inside-root.ts';
import { runCommand } from '../host/run.ts';
import { change } from '../transaction/change.ts';
import type { Context } from '../transaction/context.ts';
import { type Ending, withNotes } from '../transaction/ending.ts';
import { newTransactionId } from '../transaction/id.ts';
import { plainChange } from '../transaction/request.ts';
import { makeContainer } from './container.ts';
import type { Member } from './copy.ts';
import { findBackup, type WantedBackup } from './find-backup.ts';
import { lockDrill, whileReading } from './lock-backups.ts';
import { drillContainer, drillDirectory, mountTree, takeAway } from './mounted-tree.ts';
import { receiveTree } from './receive-tree.ts';
import { placeFor } from './restore-place.ts';
import { keyLocations } from './restored-tree.ts';

/**
 * Restores one file of a jail from a backup, as a transaction: the dataset that holds it is received beside everything,
 * and goes again. Throws {@link JtxError} for what is refused before the jail is changed; `prune-running`, `restore-running`.
 */
export function restoreFile(context: Context, wanted: WantedBackup, path: string): Promise<Ending> {
  return whileReading(context, () => restoreOne(context, wanted, path));
}

async function restoreOne(context: Context, wanted: WantedBackup, path: string): Promise<Ending> {
  const inJail = pathInJail(path);
  const place = await placeFor(context, wanted.jail);
  if (!place.occupied) throw refused('jail-unknown', `there is no jail ${wanted.jail} to put ${inJail} into`);
  // What is received for a look is of one kind with a drill, and is taken away in the same way.
  const lock = lockDrill(context);
  try {
    await takeAway(context);
    const { target, backup, members, abilities, notes } = await findBackup(context, wanted);
    const { member, inside } = holderOf(members, inJail);
    const id = newTransactionId();
    const container = drillContainer(place.dataset, id);
    const [top, tree] = [`${container}/restored`, join(drillDirectory(context), id, 'restored')];
    const alone = byItself(member, keyLocations(members).get(member.copy.path));
    await makeContainer(runCommand, container, id);
    await receiveTree(context, runCommand, target, [alone], { top, abilities });
    await mountTree([alone], top, tree);
    const found = lookInside(tree, inside);
    if (!found?.isFile() && !found?.isSymbolicLink())
      throw refused(
        'file-unknown',
        `${inJail} is ${found ? 'no file' : 'not'} in backup ${backup} of ${target.name}`,
      );
    const ending = await change(context, {
      jail: wanted.jail,
      verb: 'restore',
      words: [inJail, 'from', 'backup', backup, 'of', target.name],
      file: { tree, inside, path: inJail },
      ...plainChange,
    });
    return withNotes(ending, notes);
  } finally {
    await takeAway(context);
    lock.release();
  }
}

/** A member as all that there is, with what it has from those above it: the place of its key. */
function byItself({ copy, point }: Member, key: string | undefined): Member {
  const others = copy.properties.filter(([name]) => name !== 'keylocation');
  const properties = key === undefined ? others : [...others, ['keylocation', key] as const];
  return { copy: { ...copy, path: '', at: '', properties }, point };
}

/** A path as the jail sees it. Throws `usage`. */
function pathInJail(path: string): string {
  const normal = posix.normalize(`/${path}`);
  if (path.split('/').includes('..') || path.includes('\0') || normal.endsWith('/'))
    throw usage(`${JSON.stringify(path)} is no path of a file in a jail`);
  return normal;
}

/** The dataset in which a path lies: the one that is mounted nearest above it. */
function holderOf(members: readonly Member[], path: string): { member: Member; inside: string } {
  const holders = members.filter(
    ({ copy }) => copy.at !== undefined && !copy.volume && path.startsWith(`${copy.at}/`),
  );
  const member = holders
    .sort((one, other) => (one.copy.at ?? '').length - (other.copy.at ?? '').length)
    .at(-1);
  if (!member) throw refused('backup-unknown', `nothing of the backup was mounted above ${path}`);
  return { member, inside: path.slice((member.copy.at ?? '').length) };
}
