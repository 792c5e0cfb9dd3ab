import { lockAdvisory, unlock as releaseDatabase } from '../database-lock.ts';
import { verbOptions } from '../getopt.ts';
import { databaseExists, openToRead, openToWrite } from '../local-database.ts';
import { nameVersion } from '../manifest.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { matcher } from '../universe.ts';

const LONG = {
  all: 'a',
  glob: 'g',
  quiet: 'q',
  regex: 'x',
  yes: 'y',
  'show-locked': 'l',
  'has-locked-packages': '1',
};

/** `pkg lock`. */
export function lock(session: Session, args: readonly string[]): number {
  return setLock(session, 'lock', args, true);
}

/** `pkg unlock`. */
export function unlock(session: Session, args: readonly string[]): number {
  return setLock(session, 'unlock', args, false);
}

function setLock(session: Session, verb: string, args: readonly string[], locked: boolean): number {
  const options = verbOptions(verb, args, 'aCgilqxy1', LONG);
  const { reporter } = session;
  reporter.quiet = options.has('q');
  if (options.has('l') || options.has('1')) {
    const database = openToRead(session);
    const found = (database?.packages() ?? []).filter((pkg) => pkg.locked);
    database?.close();
    if (options.has('1')) return found.length > 0 ? STATUS.ok : STATUS.failure;
    reporter.say('Currently locked packages:\n');
    for (const pkg of found) reporter.print(`${nameVersion(pkg)}\n`);
    return STATUS.ok;
  }
  if (options.names.length === 0 && !options.has('a')) {
    reporter.complain(`Usage: pkg ${verb} [-lqy] [-Cgix] <pkg-name>`);
    return STATUS.failure;
  }
  if (!(session.yes || options.has('y'))) return STATUS.failure;
  if (!databaseExists(session)) {
    if (!options.has('a') && !reporter.quiet) reporter.warn('No packages installed.  Nothing to do!');
    return STATUS.ok;
  }
  const database = openToWrite(session);
  lockAdvisory(session, database);
  let status: number = STATUS.ok;
  const match = options.has('g') ? 'glob' : options.has('x') ? 'regex' : 'exact';
  for (const name of options.has('a') ? ['*'] : options.names) {
    const found = database.packages().filter(matcher(name, options.has('a') ? 'all' : match));
    if (found.length === 0) status = STATUS.failure;
    for (const pkg of found) {
      if (pkg.locked === locked) {
        reporter.say(`${nameVersion(pkg)}: already ${verb}ed\n`);
        continue;
      }
      reporter.say(`${locked ? 'Locking' : 'Unlocking'} ${nameVersion(pkg)}\n`);
      database.sqlite.prepare('UPDATE packages SET locked = ? WHERE id = ?').run(locked ? 1 : 0, pkg.id);
    }
  }
  releaseDatabase(session, database);
  database.close();
  return status;
}
