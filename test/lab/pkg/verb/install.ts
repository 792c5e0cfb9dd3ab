import { updateCatalogues } from '../catalogue.ts';
import { Change } from '../change.ts';
import { lockAdvisory, unlock } from '../database-lock.ts';
import { verbOptions } from '../getopt.ts';
import type { Candidate } from '../jobs.ts';
import { type LocalDatabase, openToRead, openToWrite } from '../local-database.ts';
import { nameVersion } from '../manifest.ts';
import { printPlan } from '../plan-text.ts';
import { ask } from '../question.ts';
import { newPkgVersion, restart } from '../self-upgrade.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { type Match, matcher, readUniverse, type Universe } from '../universe.ts';
import { neededUpgrade } from '../upgrade-need.ts';

const LONG = {
  automatic: 'A',
  autoremove: '1',
  'case-sensitive': 'C',
  force: 'f',
  'fetch-only': 'F',
  glob: 'g',
  'case-insensitive': 'i',
  'no-scripts': 'I',
  'script-no-exec': '2',
  'local-only': 'l',
  'ignore-missing': 'M',
  'dry-run': 'n',
  quiet: 'q',
  repository: 'r',
  recursive: 'R',
  'no-repo-update': 'U',
  regex: 'x',
  'register-only': 'X',
  yes: 'y',
};

/** `pkg install`. */
export async function install(session: Session, args: readonly string[]): Promise<number> {
  const options = verbOptions('install', args, 'ACfFgiIlMnqr:RUXxy12', LONG);
  const { reporter } = session;
  const dryRun = options.has('n');
  reporter.quiet = options.has('q');
  session.yes = session.yes || options.has('y');
  if (options.names.length === 0) {
    reporter.complain('Usage: pkg install [-AfInFMqRUy] [-r reponame] [-Cgix] <pkg-name> ...');
    return STATUS.failure;
  }
  const match: Match = options.has('g') ? 'glob' : options.has('x') ? 'regex' : 'exact';
  const refresh = !options.has('U') && !options.has('l') && session.config.boolean('REPO_AUTOUPDATE');
  const found = refresh || !dryRun ? openToWrite(session) : openToRead(session);
  if (found === undefined) return STATUS.failure;
  const repositories = options.values('r');
  if (refresh && session.repositories.length > 0) {
    const status = await updateCatalogues(session, false, false, repositories);
    if (status !== STATUS.ok) {
      found.close();
      return status;
    }
  }
  const locked = !dryRun && !options.has('F');
  if (locked) lockAdvisory(session, found);
  let restarting = false;
  try {
    const universe = readUniverse(session, found, repositories);
    const newer = locked ? newPkgVersion(session, universe) : undefined;
    restarting = newer !== undefined;
    const requested =
      newer === undefined
        ? requestedPackages(session, universe, options.names, match, options.has('f'), options.has('M'))
        : [newer];
    if (requested === undefined) return STATUS.failure;
    const change = new Change(session, found, universe, {
      requested,
      automatic: options.has('A'),
      force: options.has('f'),
      fetchOnly: options.has('F'),
      scripts: !options.has('I') && !options.has('X'),
      registerOnly: options.has('X'),
      ignoreMissing: options.has('M'),
      everything: false,
    });
    if (!change.solve()) return STATUS.failure;
    const status = await carryOut(session, found, change, dryRun, options.names, options.has('A'));
    if (status !== STATUS.ok || !restarting) return status;
  } finally {
    if (locked) unlock(session, found);
    found.close();
  }
  return restart(session);
}

async function carryOut(
  session: Session,
  database: LocalDatabase,
  change: Change,
  dryRun: boolean,
  names: readonly string[],
  automatic: boolean,
): Promise<number> {
  const { reporter } = session;
  let agreed = true;
  let done = false;
  while (change.jobs.length > 0) {
    if (!reporter.quiet || dryRun) {
      printPlan(
        session,
        change.jobs,
        `The following ${change.jobs.length} package(s) will be affected (of 0 checked):\n\n`,
      );
    }
    agreed = session.yes;
    if (dryRun) break;
    if (!agreed) agreed = ask(session, 'Proceed with this action?');
    if (!agreed) return STATUS.failure;
    const status = await change.apply();
    done = true;
    if (status === STATUS.conflict) {
      reporter.print(
        'Conflicts with the existing packages have been found.\n' +
          'One more solver iteration is needed to resolve them.\n',
      );
      continue;
    }
    if (status !== STATUS.ok) return status;
    reporter.say(reporter.messages);
    break;
  }
  if (!done && agreed) {
    const changed = dryRun ? false : markAutomatic(session, database, names, automatic);
    if (!changed) reporter.say('The most recent versions of packages are already installed\n');
  }
  return agreed ? STATUS.ok : STATUS.failure;
}

/** A package that came along as a dependency is the person's own once it is asked for. */
function markAutomatic(
  session: Session,
  database: LocalDatabase,
  names: readonly string[],
  automatic: boolean,
): boolean {
  let changed = false;
  for (const name of names) {
    const pkg = database.package(name);
    if (pkg === undefined || pkg.automatic === automatic) continue;
    changed = true;
    if (session.yes) database.setAutomatic(name, automatic);
  }
  return changed;
}

/** The candidates meant by names; undefined where one name means none, or a locked package. */
function requestedPackages(
  session: Session,
  universe: Universe,
  names: readonly string[],
  match: Match,
  force: boolean,
  ignoreMissing: boolean,
): Candidate[] | undefined {
  const { reporter } = session;
  const requested: Candidate[] = [];
  let failed = false;
  for (const name of names) {
    const meant = matcher(name, match);
    const found = [...universe.remote.values()].flatMap((candidates) => candidates.find(meant) ?? []);
    if (found.length === 0) {
      reporter.error(
        `No packages available to install matching '${name}' have been found in the repositories`,
      );
      failed = failed || !ignoreMissing;
    }
    for (const pkg of found) {
      const local = universe.local.get(pkg.name);
      if (local === undefined) {
        requested.push(pkg);
        continue;
      }
      if (local.locked) {
        reportLocked(session, local);
        return undefined;
      }
      const needed = neededUpgrade(pkg, local, force);
      if (needed !== undefined) requested.push(needed);
    }
  }
  return failed ? undefined : requested;
}

/** Tells that a locked package stays as it is. */
export function reportLocked(session: Session, pkg: { name: string; version: string }): void {
  session.reporter.event(
    `{ "type": "ERROR_LOCKED", "data": { "pkgname": "${pkg.name}", "pkgversion": "${pkg.version}"}}`,
  );
  session.reporter.print(`\n${nameVersion(pkg)} is locked and may not be modified\n`);
}
