import { openToRead } from '../local-database.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';

/** `pkg -N`: whether this root has packages at all. */
export function activation(session: Session): number {
  const { reporter } = session;
  const database = openToRead(session);
  if (database === undefined) {
    reporter.warn('package database non-existent');
    return STATUS.failure;
  }
  const count = database.packages().length;
  database.close();
  if (count === 0) {
    reporter.warn('no packages registered');
    return STATUS.failure;
  }
  reporter.warn(`${count} packages installed`);
  return STATUS.ok;
}
