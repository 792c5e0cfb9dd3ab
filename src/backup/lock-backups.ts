import { JtxError } from '../error.ts';
import { type Lock, lockRoot, lockShared } from '../host/lock.ts';
import type { Context } from '../transaction/context.ts';
import { lockDirectory } from '../transaction/lock-directory.ts';

// Besides the roots that are locked in the same directory: no root is called so.
const backups = 'the backups';
const points = 'what can be restored';

/** Keeps other backups, and prunes, from running. Throws `backup-running`. */
export function lockBackups({ config }: Context): Lock {
  return orBusy('backup-running', 'another backup, or a prune, is running', () =>
    lockRoot(lockDirectory(config), backups),
  );
}

/**
 * Keeps backups, other prunes and everything that reads backups from running: nothing is taken away beneath them. Throws
 * `backup-running`, `restore-running`.
 */
export function lockForPrune(context: Context): Lock {
  const first = lockBackups(context);
  try {
    const second = orBusy('restore-running', 'a restore, or a check of backups, is running', () =>
      lockRoot(lockDirectory(context.config), points),
    );
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
  const lock = orBusy('prune-running', 'a prune is running', () => lockShared(lockDirectory(config), points));
  try {
    return await action();
  } finally {
    lock.release();
  }
}

function orBusy(code: string, message: string, lock: () => Lock): Lock {
  try {
    return lock();
  } catch (error) {
    if (!(error instanceof JtxError && error.outcome === 'busy')) throw error;
    throw new JtxError({
      code,
      outcome: 'busy',
      message,
      state: 'Nothing was changed by this run.',
      hint: 'Wait until it has ended.',
      cause: error,
    });
  }
}
