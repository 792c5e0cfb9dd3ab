import { lockAdvisory, unlock } from '../database-lock.ts';
import { executeJobs } from '../execute.ts';
import { verbOptions } from '../getopt.ts';
import { checkIntegrity, FileLists } from '../integrity.ts';
import type { Job } from '../jobs.ts';
import { openToRead, openToWrite } from '../local-database.ts';
import type { LocalPackage } from '../manifest.ts';
import { printPlan } from '../plan-text.ts';
import { ask } from '../question.ts';
import type { Session } from '../session.ts';
import { withDependants } from '../solver.ts';
import { STATUS } from '../status.ts';
import { type Match, matcher } from '../universe.ts';

const LONG = {
  all: 'a',
  autoremove: '1',
  'case-sensitive': 'C',
  'no-scripts': 'D',
  'script-no-exec': '2',
  force: 'f',
  glob: 'g',
  'case-insensitive': 'i',
  'dry-run': 'n',
  quiet: 'q',
  recursive: 'R',
  regex: 'x',
  yes: 'y',
};

/** `pkg delete`. */
export async function remove(session: Session, args: readonly string[]): Promise<number> {
  const options = verbOptions('delete', args, 'aCDfginqRxy12', LONG);
  const { reporter } = session;
  const dryRun = options.has('n');
  reporter.quiet = options.has('q');
  session.yes = session.yes || options.has('y');
  if (options.names.length === 0 && !options.has('a')) {
    reporter.complain('Usage: pkg delete [-DfnqRy] [-Cgix] <pkg-name> ...\n       pkg delete [-Dnqy] -a');
    return STATUS.failure;
  }
  const reading = openToRead(session);
  if (reading === undefined) {
    reporter.warn('No packages installed.  Nothing to do!');
    return STATUS.ok;
  }
  if (!dryRun) reading.close();
  const database = dryRun ? reading : openToWrite(session);
  if (!dryRun) lockAdvisory(session, database);
  try {
    const local = new Map(database.packages().map((pkg) => [pkg.name, pkg]));
    const match: Match = options.has('g') ? 'glob' : options.has('x') ? 'regex' : 'exact';
    const force = options.has('f');
    const asked = [...local.values()].filter((pkg) =>
      options.has('a')
        ? true
        : options.names.some((name) => matcher(name, name.includes('*') ? 'glob' : match)(pkg)),
    );
    for (const name of options.names) {
      const meant = matcher(name, name.includes('*') ? 'glob' : match);
      if (![...local.values()].some(meant)) reporter.notice(`No packages matched for pattern '${name}'\n`);
    }
    const kept = asked.filter((pkg) => pkg.locked || (pkg.vital && !force));
    const going = new Map(asked.filter((pkg) => !kept.includes(pkg)).map((pkg) => [pkg.name, pkg]));
    const recursive = !force || options.has('R');
    const all = recursive ? withDependants(going, local) : going;
    const blocked = [...all.values()].find((pkg) => pkg.locked && !asked.includes(pkg));
    const jobs: Job[] =
      blocked === undefined ? [...all.values()].map((old): Job => ({ kind: 'delete', old })) : [];
    if (blocked !== undefined) {
      reporter.error(`${blocked.name} is locked cannot delete ${[...going.keys()].join(', ')}`);
    }
    checkIntegrity(session, database, jobs, new FileLists(session));
    if (kept.length > 0) printKept(session, kept);
    if (jobs.length === 0) {
      if (options.names.length === 0) {
        reporter.say('Nothing to do.\n');
        return STATUS.ok;
      }
      const asks = options.names.length;
      reporter.say(
        `${asks} packages requested for removal: ${kept.length} locked, ${asks - kept.length} missing\n`,
      );
      return kept.length > 0 ? STATUS.locked : STATUS.failure;
    }
    if (!reporter.quiet) {
      printPlan(
        session,
        jobs,
        `Deinstallation has been requested for the following ${jobs.length} packages ` +
          '(of 0 packages in the universe):\n\n',
      );
    }
    if (dryRun) return STATUS.ok;
    if (!session.yes && !ask(session, 'Proceed with deinstalling packages?')) return STATUS.failure;
    const status = await executeJobs(session, database, jobs, [], {
      scripts: !options.has('D'),
      registerOnly: false,
      force,
      everything: options.has('a'),
    });
    if (status !== STATUS.ok) return status;
    reporter.say(reporter.messages);
    return STATUS.ok;
  } finally {
    if (!dryRun) unlock(session, database);
    database.close();
  }
}

function printKept(session: Session, kept: readonly LocalPackage[]): void {
  const lines = kept.map((pkg) => `\t${pkg.name} (${pkg.locked ? 'locked' : 'vital'})\n`);
  session.reporter.print(
    `The following package(s) are locked or vital and may not be removed:\n\n${lines.join('')}\n`,
  );
}
