import { lockAdvisory, unlock } from '../database-lock.ts';
import { verbOptions } from '../getopt.ts';
import { openToWrite } from '../local-database.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { matcher } from '../universe.ts';

/** `pkg set`: the automatic and vital marks of packages. */
export function set(session: Session, args: readonly string[]): number {
  const options = verbOptions('set', args, 'A:aCginov:xy', {
    automatic: 'A',
    vital: 'v',
    yes: 'y',
    all: 'a',
  });
  const database = openToWrite(session);
  lockAdvisory(session, database);
  let status: number = STATUS.ok;
  for (const name of options.has('a') ? ['*'] : options.names) {
    const found = database.packages().filter(matcher(name, options.has('a') ? 'all' : 'exact'));
    if (found.length === 0) status = STATUS.failure;
    for (const pkg of found) {
      const automatic = options.values('A')[0];
      const vital = options.values('v')[0];
      if (automatic !== undefined) database.setAutomatic(pkg.name, automatic === '1');
      if (vital !== undefined) {
        database.sqlite
          .prepare('UPDATE packages SET vital = ? WHERE id = ?')
          .run(vital === '1' ? 1 : 0, pkg.id);
      }
    }
  }
  unlock(session, database);
  database.close();
  return status;
}
