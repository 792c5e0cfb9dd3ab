import { lockAdvisory, unlock } from '../database-lock.ts';
import { verbOptions } from '../getopt.ts';
import { openToRead, openToWrite } from '../local-database.ts';
import { annotate } from '../local-register.ts';
import { type LocalPackage, nameVersion } from '../manifest.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { matcher } from '../universe.ts';

const LONG = {
  add: 'A',
  modify: 'M',
  delete: 'D',
  show: 'S',
  all: 'a',
  quiet: 'q',
  yes: 'y',
  glob: 'g',
  regex: 'x',
};

/** `pkg annotate`: adds, changes, deletes or shows a tag. */
export function annotatePackages(session: Session, args: readonly string[]): number {
  const options = verbOptions('annotate', args, 'AaCDgiMqSxy', LONG);
  const { reporter } = session;
  reporter.quiet = options.has('q');
  const [name = '', tag = '', value = ''] = options.has('a') ? ['', ...options.names] : options.names;
  const match = options.has('a') ? 'all' : options.has('g') ? 'glob' : options.has('x') ? 'regex' : 'exact';
  if (options.has('S')) {
    const database = openToRead(session);
    for (const pkg of (database?.packages() ?? []).filter(matcher(name, match))) {
      const found = pkg.annotations[tag];
      if (found === undefined) continue;
      reporter.print(reporter.quiet ? `${found}\n` : `${nameVersion(pkg)}: Tag: ${tag} Value: ${found}\n`);
    }
    database?.close();
    return STATUS.ok;
  }
  if (!(session.yes || options.has('y'))) return STATUS.failure;
  const database = openToWrite(session);
  lockAdvisory(session, database);
  let status: number = STATUS.ok;
  // A package that is not there is no error to pkg.
  for (const pkg of database.packages().filter(matcher(name, match))) {
    if (!change(pkg)) status = STATUS.failure;
  }
  unlock(session, database);
  database.close();
  return status;

  function change(pkg: LocalPackage): boolean {
    const exists = pkg.annotations[tag] !== undefined;
    if (options.has('D')) {
      if (!exists) return false;
      database.sqlite
        .prepare(
          `DELETE FROM pkg_annotation WHERE package_id = ? AND tag_id =
           (SELECT annotation_id FROM annotation WHERE annotation = ?)`,
        )
        .run(pkg.id, tag);
      reporter.say(`${nameVersion(pkg)}: Deleted annotation tagged: ${tag}\n`);
      return true;
    }
    if (options.has('A') && exists) {
      reporter.warn(`${nameVersion(pkg)}: Cannot add annotation tagged: ${tag}`);
      return false;
    }
    annotate(database.sqlite, pkg.id, tag, value);
    const word = options.has('A') ? 'Added' : 'Modified';
    reporter.say(`${nameVersion(pkg)}: ${word} annotation tagged: ${tag} with value: ${value}\n`);
    return true;
  }
}
