import { archiveManifest } from '../archive.ts';
import { condition } from '../condition.ts';
import { type Described, FormatError, formatPackage } from '../format.ts';
import { verbOptions } from '../getopt.ts';
import { type LocalDatabase, openToRead } from '../local-database.ts';
import type { LocalPackage } from '../manifest.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { matcher } from '../universe.ts';

const LONG = {
  all: 'a',
  'case-sensitive': 'C',
  evaluate: 'e',
  file: 'F',
  glob: 'g',
  'case-insensitive': 'i',
  regex: 'x',
};

/** `pkg query`. */
export function query(session: Session, args: readonly string[]): number {
  const options = verbOptions('query', args, 'aCe:F:gix', LONG);
  const [format, ...names] = options.names;
  if (format === undefined) {
    session.reporter.complain('Usage: pkg query <query-format> <pkg-name>');
    return STATUS.failure;
  }
  try {
    const file = options.values('F')[0];
    if (file !== undefined) return queryArchive(session, file, format);
    const database = openToRead(session);
    if (database === undefined) {
      session.reporter.warn('No packages installed');
      return STATUS.ok;
    }
    try {
      const all = database.packages();
      const evaluate = options.values('e')[0];
      const holds = evaluate === undefined ? () => true : condition(evaluate);
      const match = options.has('g') ? 'glob' : options.has('x') ? 'regex' : 'exact';
      let missing = false;
      const chosen =
        names.length === 0
          ? all
          : names.flatMap((name) => {
              const found = all.filter(matcher(name, match));
              if (found.length === 0) missing = true;
              return found;
            });
      const described = chosen.map((pkg) => describe(pkg, all, database)).filter(holds);
      for (const entry of described) {
        for (const line of formatPackage(format, entry)) session.reporter.print(`${line}\n`);
      }
      // A format is looked at even where no package is there to print.
      if (described.length === 0) formatPackage(format, NOTHING);
      return missing ? STATUS.failure : STATUS.ok;
    } finally {
      database.close();
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    session.reporter.warn(error.message);
    return STATUS.failure;
  }
}

/** A package of the local database as formats want it. */
export function describe(
  pkg: LocalPackage,
  all: readonly LocalPackage[],
  database: LocalDatabase,
): Described {
  return {
    pkg,
    repository: '',
    files: () => database.files(pkg.id),
    dependants: () => all.filter((other) => other.deps.some((dep) => dep.name === pkg.name)),
  };
}

function queryArchive(session: Session, file: string, format: string): number {
  const pkg = archiveManifest(session.root.followed(file));
  if (pkg === undefined) {
    session.reporter.warn(`Unable to open package archive ${file}`);
    return STATUS.failure;
  }
  const described: Described = { pkg, repository: '', files: () => pkg.files, dependants: () => [] };
  for (const line of formatPackage(format, described)) session.reporter.print(`${line}\n`);
  return STATUS.ok;
}

const NOTHING: Described = {
  pkg: {
    name: '',
    origin: '',
    version: '',
    comment: '',
    maintainer: '',
    www: '',
    abi: '',
    arch: '',
    prefix: '',
    flatsize: 0,
    desc: '',
    vital: false,
    deps: [],
    categories: [],
    licenses: [],
    licenseLogic: '',
    users: [],
    groups: [],
    shlibsRequired: [],
    shlibsProvided: [],
    provides: [],
    requires: [],
    options: {},
    annotations: {},
    files: [],
    config: [],
    directories: [],
    scripts: {},
    luaScripts: {},
    messages: [],
  },
  repository: '',
  files: () => [],
  dependants: () => [],
};
