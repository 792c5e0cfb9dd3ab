import { type Lock, lockAlone, lockShared } from '../host/lock.ts';
import type { Context } from '../transaction/context.ts';
import { lockDirectory } from '../transaction/lock-directory.ts';

// Besides the roots that are locked in the same directory: no root is called so.
const backups = 'the backups';
const points = 'what can be restored';
const drill = 'the drill';

/** Keeps other backups, and prunes, from running. Throws `backup-running`. */
export function lockBackups({ config }: Context): Lock {
  return lockAlone(lockDirectory(config), backups, {
    code: 'backup-running',
    message: 'another backup, or a prune, is running',
  });
}

/** Keeps others from what is received only to be looked at. Throws `restore-running`. */
export function lockDrill({ config }: Context): Lock {
  return lockAlone(lockDirectory(config), drill, {
    code: 'restore-running',
    message: 'a check of backups, or the restore of a file, is running',
  });
}

/** Keeps other restores of a jail to a root from running. Throws `restore-running`. */
export function lockRestore({ config }: Context, root: string): Lock {
  return lockAlone(lockDirectory(config), `the restore of ${root}`, {
    code: 'restore-running',
    message: `another restore to ${root} is running`,
  });
}

/**
 * Keeps backups, other prunes and everything that reads backups from running: nothing is taken away beneath them. Throws
 * `backup-running`, `restore-running`.
 */
export function lockForPrune(context: Context): Lock {
  const first = lockBackups(context);
  try {
    const second = lockAlone(lockDirectory(context.config), points, {
      code: 'restore-running',
      message: 'a restore, or a check of backups, is running',
    });
    return {
      release() {
        second.release();
        first.release();
      },
    };
  } catch (error) {
    first.release();
    throw error;
  }
}

/**
 * Does something that reads backups, and keeps prunes of this host from running meanwhile: of a snapshot that is being
 * sent zfs(8) takes care, of the next one and of files nobody does. Others may read, and back up. Throws `prune-running`.
 */
export async function whileReading<T>({ config }: Context, action: () => Promise<T>): Promise<T> {
  const held = { code: 'prune-running', message: 'a prune is running' };
  const lock = lockShared(lockDirectory(config), points, held);
  try {
    return await action();
  } finally {
    lock.release();
  }
}
