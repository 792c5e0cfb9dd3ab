import type { Candidate } from './jobs.ts';
import type { LocalDatabase } from './local-database.ts';
import type { LocalPackage, Manifest, RemotePackage } from './manifest.ts';
import { nameVersion } from './manifest.ts';
import { catalogueState, readCatalogue } from './repository-database.ts';
import type { Session } from './session.ts';
import { compareVersions } from './version.ts';

/** How names on a command line are meant. */
export type Match = 'exact' | 'glob' | 'regex' | 'all';

/** Everything that is installed and everything that could be. */
export interface Universe {
  local: Map<string, LocalPackage>;
  remote: Map<string, Candidate[]>;
}

/** Reads the installed packages and the catalogues; a catalogue that is not there is an error and goes on. */
export function readUniverse(
  session: Session,
  database: LocalDatabase | undefined,
  names: readonly string[] = [],
): Universe {
  const remote = new Map<string, Candidate[]>();
  for (const pkg of readRemotes(session, names)) {
    const candidates = remote.get(pkg.name) ?? [];
    candidates.push({ ...pkg, archive: undefined, reason: undefined });
    remote.set(pkg.name, candidates);
  }
  const priority = new Map(session.repositories.map((repository) => [repository.name, repository.priority]));
  for (const candidates of remote.values()) {
    const rank = (pkg: Candidate): number => priority.get(pkg.repository ?? '') ?? 0;
    candidates.sort((a, b) => rank(b) - rank(a) || compareVersions(b.version, a.version));
  }
  const local = new Map((database?.packages() ?? []).map((pkg) => [pkg.name, pkg]));
  return { local, remote };
}

/** Reads the packages of the catalogues. */
export function readRemotes(session: Session, names: readonly string[] = []): RemotePackage[] {
  const found: RemotePackage[] = [];
  for (const repository of session.repositories) {
    if (names.length > 0 ? !names.includes(repository.name) : !repository.enabled) continue;
    const state = catalogueState(session, repository);
    if (state === 'usable') {
      found.push(...readCatalogue(session, repository));
      continue;
    }
    if (state === 'other-url') {
      session.reporter.error(
        `Repository ${repository.name} has a wrong packagesite, need to re-create database`,
      );
    }
    session.reporter.error(`Repository ${repository.name} cannot be opened. 'pkg update' required`);
  }
  return found;
}

type Named = Pick<Manifest, 'name' | 'version' | 'origin' | 'categories' | 'annotations'>;

/** Tells whether a package is meant by a pattern of the command line. */
export function matcher(pattern: string, match: Match): (pkg: Named) => boolean {
  if (match === 'all') return () => true;
  if (match === 'exact') return (pkg) => writtenAs(pkg, pattern).includes(pattern);
  const expression =
    match === 'regex'
      ? new RegExp(pattern)
      : new RegExp(
          `^${pattern
            .replace(/[.+^${}()|\\]/g, '\\$&')
            .replaceAll('*', '.*')
            .replaceAll('?', '.')}$`,
        );
  return (pkg) => writtenAs(pkg, pattern).some((word) => expression.test(word));
}

/** What the real one compares a pattern with, by whether it has a slash, and an @ after that. */
function writtenAs(pkg: Named, pattern: string): string[] {
  if (!pattern.includes('/')) return [pkg.name, nameVersion(pkg)];
  const port = pkg.origin.slice(pkg.origin.indexOf('/'));
  const ports = pkg.categories.map((category) => category + port);
  if (!/\/.*@/.test(pattern)) return [pkg.origin, ...ports];
  const flavor = pkg.annotations['flavor'];
  return flavor === undefined ? [] : ports.map((word) => `${word}@${flavor}`);
}
