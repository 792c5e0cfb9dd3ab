import { lockAdvisory, unlock } from '../database-lock.ts';
import { executeJobs } from '../execute.ts';
import { verbOptions } from '../getopt.ts';
import { checkIntegrity, FileLists } from '../integrity.ts';
import type { Job } from '../jobs.ts';
import { openToRead, openToWrite } from '../local-database.ts';
import { type LocalPackage, nameVersion } from '../manifest.ts';
import { printPlan } from '../plan-text.ts';
import { ask } from '../question.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';

const LONG = { 'dry-run': 'n', 'no-scripts': 'D', quiet: 'q', yes: 'y' };

/** `pkg autoremove`. */
export async function autoremove(session: Session, args: readonly string[]): Promise<number> {
  const options = verbOptions('autoremove', args, 'Dnqy', LONG);
  const { reporter } = session;
  const dryRun = options.has('n');
  reporter.quiet = options.has('q');
  session.yes = session.yes || options.has('y');
  const reading = openToRead(session);
  if (reading === undefined) {
    reporter.warn('No packages installed.  Nothing to do!');
    return STATUS.ok;
  }
  if (!dryRun) reading.close();
  const database = dryRun ? reading : openToWrite(session);
  if (!dryRun) lockAdvisory(session, database);
  try {
    const jobs = unneeded(database.packages()).map((old): Job => ({ kind: 'delete', old }));
    checkIntegrity(session, database, jobs, new FileLists(session));
    if (jobs.length === 0) {
      reporter.say('Nothing to do.\n');
      return STATUS.ok;
    }
    if (reporter.quiet && dryRun) {
      for (const job of jobs) if (job.kind === 'delete') reporter.print(`${nameVersion(job.old)}\n`);
      return STATUS.ok;
    }
    printPlan(
      session,
      jobs,
      `Deinstallation has been requested for the following ${jobs.length} packages:\n\n`,
    );
    if (dryRun) return session.yes ? STATUS.ok : STATUS.failure;
    if (!session.yes && !ask(session, 'Proceed with deinstalling packages?')) return STATUS.failure;
    return await executeJobs(session, database, jobs, [], {
      scripts: !options.has('D'),
      registerOnly: false,
      force: false,
      everything: false,
    });
  } finally {
    if (!dryRun) unlock(session, database);
    database.close();
  }
}

/** Packages that came along with others, which need them no longer. */
export function unneeded(packages: readonly LocalPackage[]): LocalPackage[] {
  const needed = new Set<string>();
  const queue = packages.filter((pkg) => !pkg.automatic || pkg.vital || pkg.locked);
  const byName = new Map(packages.map((pkg) => [pkg.name, pkg]));
  for (let pkg = queue.shift(); pkg !== undefined; pkg = queue.shift()) {
    if (needed.has(pkg.name)) continue;
    needed.add(pkg.name);
    for (const dep of pkg.deps) {
      const dependency = byName.get(dep.name);
      if (dependency !== undefined) queue.push(dependency);
    }
    for (const other of packages) {
      if (other.shlibsProvided.some((library) => pkg?.shlibsRequired.includes(library))) queue.push(other);
    }
  }
  return packages.filter((pkg) => !needed.has(pkg.name));
}
