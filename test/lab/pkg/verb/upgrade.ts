import { updateCatalogues } from '../catalogue.ts';
import { Change } from '../change.ts';
import { lockAdvisory, unlock } from '../database-lock.ts';
import { verbOptions } from '../getopt.ts';
import { hashOrder } from '../hash-order.ts';
import type { Candidate } from '../jobs.ts';
import { openToRead, openToWrite } from '../local-database.ts';
import { printPlan } from '../plan-text.ts';
import { ask } from '../question.ts';
import { newPkgVersion, restart } from '../self-upgrade.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { systemLibraries } from '../system-libraries.ts';
import { type Match, matcher, readUniverse, type Universe } from '../universe.ts';
import { neededUpgrade } from '../upgrade-need.ts';
import { reportLocked } from './install.ts';

const LONG = {
  'case-sensitive': 'C',
  force: 'f',
  'fetch-only': 'F',
  glob: 'g',
  'case-insensitive': 'i',
  'no-scripts': 'I',
  'script-no-exec': '2',
  'dry-run': 'n',
  quiet: 'q',
  repository: 'r',
  'no-repo-update': 'U',
  regex: 'x',
  vulnerable: 'v',
  yes: 'y',
};

/** `pkg upgrade`. */
export async function upgrade(session: Session, args: readonly string[]): Promise<number> {
  const options = verbOptions('upgrade', args, 'CfFgiInqr:Uxyv2', LONG);
  const { reporter } = session;
  const dryRun = options.has('n');
  reporter.quiet = options.has('q');
  session.yes = session.yes || options.has('y');
  const refresh = !options.has('U') && session.config.boolean('REPO_AUTOUPDATE');
  const database = refresh || !dryRun ? openToWrite(session) : openToRead(session);
  if (database === undefined) return STATUS.failure;
  const repositories = options.values('r');
  if (refresh) {
    const status = await updateCatalogues(session, false, false, repositories);
    if (status !== STATUS.ok) {
      database.close();
      return status;
    }
  }
  const locked = !dryRun && !options.has('F');
  if (locked) lockAdvisory(session, database);
  try {
    const universe = readUniverse(session, database, repositories);
    const newer = locked ? newPkgVersion(session, universe) : undefined;
    const match: Match = options.has('g') ? 'glob' : options.has('x') ? 'regex' : 'exact';
    const requested =
      newer !== undefined
        ? [newer]
        : options.names.length > 0
          ? namedUpgrades(session, universe, options.names, match, options.has('f'))
          : allUpgrades(session, universe, options.has('f'));
    if (requested === undefined) return STATUS.failure;
    const change = new Change(session, database, universe, {
      requested,
      automatic: false,
      force: options.has('f'),
      fetchOnly: options.has('F'),
      scripts: !options.has('I'),
      registerOnly: false,
      ignoreMissing: false,
      everything: false,
    });
    if (!change.solve()) return STATUS.failure;
    const status = await carryOut(session, change, dryRun);
    if (status !== STATUS.ok || newer === undefined) return status;
  } finally {
    if (locked) unlock(session, database);
    database.close();
  }
  return restart(session);
}

async function carryOut(session: Session, change: Change, dryRun: boolean): Promise<number> {
  const { reporter } = session;
  if (change.jobs.length === 0) reporter.say('Your packages are up to date.\n');
  while (change.jobs.length > 0) {
    if (!reporter.quiet || dryRun) {
      printPlan(
        session,
        change.jobs,
        `The following ${change.jobs.length} package(s) will be affected (of 0 checked):\n\n`,
      );
    }
    if (dryRun) return STATUS.ok;
    if (!session.yes && !ask(session, 'Proceed with this action?')) return STATUS.failure;
    const status = await change.apply();
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
  return STATUS.ok;
}

function allUpgrades(session: Session, universe: Universe, force: boolean): Candidate[] {
  const { reporter } = session;
  const candidates = [...universe.local.values()].filter((pkg) => {
    const remotes = universe.remote.get(pkg.name) ?? [];
    return force || remotes.some((remote) => `2$${remote.sum}` !== pkg.digest);
  });
  const total = candidates.length;
  const libraries = systemLibraries(session);
  const requested: Candidate[] = [];
  reporter.progressStart(`Checking for upgrades (${total} candidates)`);
  for (const [index, pkg] of candidates.entries()) {
    reporter.progressTick(index + 1, total);
    const remote = universe.remote.get(pkg.name)?.[0];
    if (remote === undefined) continue;
    if (pkg.locked) {
      reportLocked(session, pkg);
      continue;
    }
    const needed = neededUpgrade(remote, pkg, force, libraries);
    if (needed !== undefined) requested.push(needed);
  }
  reporter.progressTick(total, total);
  reporter.progressStart(`Processing candidates (${total} candidates)`);
  const ordered = hashOrder(requested, (pkg) => pkg.name);
  for (const index of ordered.keys()) reporter.progressTick(index + 1, total);
  reporter.progressTick(total, total);
  return ordered;
}

function namedUpgrades(
  session: Session,
  universe: Universe,
  names: readonly string[],
  match: Match,
  force: boolean,
): Candidate[] | undefined {
  const requested: Candidate[] = [];
  let failed = false;
  for (const name of names) {
    const meant = matcher(name, match);
    const installed = [...universe.local.values()].filter(meant);
    const remotes = installed.flatMap((pkg) => universe.remote.get(pkg.name)?.[0] ?? []);
    if (installed.length === 0 && match === 'exact') {
      // Said, and passed over: the rest is upgraded, with status 0.
      session.reporter.error(`${name} is not installed, therefore upgrade is impossible`);
      continue;
    }
    if (remotes.length === 0) {
      session.reporter.error(
        `No packages available to upgrade matching '${name}' have been found in the repositories`,
      );
      failed = true;
    }
    for (const remote of remotes) {
      const local = universe.local.get(remote.name);
      if (local === undefined) continue;
      if (local.locked) {
        reportLocked(session, local);
        return undefined;
      }
      const needed = neededUpgrade(remote, local, force);
      if (needed !== undefined) requested.push(needed);
    }
  }
  return failed ? undefined : requested;
}
