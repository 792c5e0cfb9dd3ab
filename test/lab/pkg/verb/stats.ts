import { openToRead } from '../local-database.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { humanSize } from '../text.ts';

/** `pkg stats -l`: how many packages there are and how large. */
export function stats(session: Session): number {
  const database = openToRead(session);
  const packages = database?.packages() ?? [];
  database?.close();
  const size = packages.reduce((sum, pkg) => sum + pkg.flatsize, 0);
  session.reporter.print(
    `Local package database:\n\tInstalled packages: ${packages.length}\n\tDisk space occupied: ${humanSize(size)}\n`,
  );
  return STATUS.ok;
}
