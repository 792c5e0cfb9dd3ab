import { JtxError } from '../error.ts';
import type { BackupSubject } from './subjects.ts';

/** A jail that cannot be backed up, and why. */
export interface FailedJail {
  jail: string;
  error: JtxError;
}

/** Those of some jails for which the action succeeds; the others are added to those that failed. */
export async function eachJail<T extends BackupSubject>(
  failed: FailedJail[],
  some: readonly T[],
  action: (jail: T) => unknown,
): Promise<T[]> {
  const good: T[] = [];
  for (const jail of some) {
    const error = await attempt(() => action(jail));
    if (error) failed.push({ jail: jail.jail.name, error });
    else good.push(jail);
  }
  return good;
}

/** What an action throws of what jtx expects. */
export async function attempt(action: () => unknown): Promise<JtxError | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof JtxError) return error;
    throw error;
  }
}
