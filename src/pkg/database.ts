import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { JtxError, messageOf, refused } from '../error.ts';
import { lookInside, readInside } from '../host/inside-root.ts';
import { RootWalk } from '../host/root-walk.ts';
import { type Row, readTable } from './untrusted-table.ts';

/** A package that is registered in a jail. */
export interface InstalledPackage {
  name: string;
  version: string;
  origin: string;
  /** Installed only because another package needed it. */
  automatic: boolean;
  locked: boolean;
  /** One word for this registration: another build of the version, or the same put in once more, has another. */
  registration: string;
  /** The shared libraries that it has for others, and that it needs of others, by name. */
  provides: readonly string[];
  requires: readonly string[];
}

const file = 'var/db/pkg/local.sqlite';
const largest = 1024 * 1024 * 1024;
const magicOfHotJournal = Buffer.from('d9d505f920a163d7', 'hex');

/**
 * The packages of a jail, read from a copy of its database with its write-ahead log, so that not even a
 * directory's time changes in the jail. No database is no packages. The database is the jail's: nothing in it
 * is trusted but rows of a plain table. Throws `package-database-unreadable`, `root-unsafe`.
 */
export async function readPackages(root: string): Promise<InstalledPackage[]> {
  return (await readCopy(root, selectPackages)) ?? [];
}

/** Which package of a jail owns each file, by the path that the jail sees. Throws as {@link readPackages}. */
export async function readOwners(root: string): Promise<Map<string, string>> {
  return (await readCopy(root, selectOwners)) ?? new Map();
}

/** Queries a copy of a jail's package database; undefined where there is none. */
async function readCopy<T>(root: string, query: (database: Database) => T): Promise<T | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'jtx-'));
  try {
    const database = readPart(root, file);
    if (database === undefined || database.length === 0) return undefined;
    requireNoHotJournal(root);
    const copy = join(directory, 'local.sqlite');
    writeFileSync(copy, database, { mode: 0o600 });
    // The log's index (-shm) is made anew: a copy of it would not go with the copy of the log.
    const log = readPart(root, `${file}-wal`);
    if (log !== undefined && log.length > 0) writeFileSync(`${copy}-wal`, log, { mode: 0o600 });
    return queried(copy, query);
  } catch (error) {
    if (error instanceof JtxError) throw error;
    throw refused(
      'package-database-unreadable',
      `${join(root, file)} cannot be read as a package database: ${messageOf(error)}`,
      'Nothing can be promised about a jail whose packages are unknown: restore the database first.',
      error,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A file that is there, but cannot be read as one, must not count as absent. */
function readPart(root: string, path: string): Buffer | undefined {
  const content = readInside(root, path, largest);
  if (content === undefined && lookInside(root, path))
    throw new Error(`${path} is no regular file of less than 1 GiB`);
  return content;
}

/**
 * A pkg without a write-ahead log (before 2.6) that was killed leaves a journal to be played back. That is not
 * done here: such a journal can name any file of the host as another to be deleted.
 */
function requireNoHotJournal(root: string): void {
  const journal = readPart(root, `${file}-journal`);
  if (journal?.subarray(0, magicOfHotJournal.length).equals(magicOfHotJournal))
    throw new Error('a pkg was killed while it wrote; any pkg command that writes in the jail mends it');
}

function queried<T>(copy: string, query: (database: Database) => T): T {
  const database = new SqliteDatabase(copy);
  try {
    database.pragma('trusted_schema = OFF');
    database.pragma('cell_size_check = ON');
    return query(database);
  } finally {
    database.close();
  }
}

const columns = ['id', 'name', 'version', 'origin', 'automatic', 'locked', 'time', 'manifestdigest'];

function selectPackages(database: Database): InstalledPackage[] {
  const rows = readTable(database, 'packages', columns);
  const names = new Map(
    readTable(database, 'shlibs', ['id', 'name']).map(({ id, name }) => [id, String(name)]),
  );
  const provides = librariesOf(readTable(database, 'pkg_shlibs_provided', links), names);
  const requires = librariesOf(readTable(database, 'pkg_shlibs_required', links), names);
  return rows.map(({ id, name, version, origin, automatic, locked, time, manifestdigest }) => ({
    name: word(name),
    version: word(version),
    origin: word(origin),
    automatic: automatic === 1,
    locked: locked === 1,
    registration: `${time} ${manifestdigest}`,
    provides: provides.get(id) ?? [],
    requires: requires.get(id) ?? [],
  }));
}

const links = ['package_id', 'shlib_id'];

/** The names of the libraries that each package is linked with, by the package's id. */
function librariesOf(rows: readonly Row[], names: ReadonlyMap<unknown, string>): Map<unknown, string[]> {
  const libraries = new Map<unknown, string[]>();
  for (const { package_id: id, shlib_id: library } of rows) {
    const name = names.get(library);
    if (name === undefined) continue;
    const known = libraries.get(id);
    if (known) known.push(name);
    else libraries.set(id, [name]);
  }
  return libraries;
}

function selectOwners(database: Database): Map<string, string> {
  const packages = new Map(readTable(database, 'packages', ['id', 'name']).map(({ id, name }) => [id, name]));
  const owners = new Map<string, string>();
  for (const { path, package_id: id } of readTable(database, 'files', ['path', 'package_id']))
    if (packages.has(id)) owners.set(String(path), word(packages.get(id)));
  return owners;
}

/** What a jail registers is shown on terminals and given to pkg as an argument. */
function word(value: unknown): string {
  if (typeof value === 'string' && /^[^\s\p{C}-][^\s\p{C}]*$/u.test(value)) return value;
  throw new Error(`it registers a package by ${JSON.stringify(value)}`);
}

/** The schema of a jail's package database: user_version in bytes 60 to 63 of the file (docs/pkg-facts.md, 9). */
export function schemaVersion(root: string): number | undefined {
  return RootWalk.within(root, (walk) =>
    walk.open(file, ({ read, stats }) => (stats.size < 64 ? undefined : read(60, 4).readUInt32BE())),
  );
}

/** How {@link digest} makes its word; it goes up when that changes, because the journal keeps such words. */
const digestVersion = '1:';

/** One word for a whole list of packages, to see whether it is the same again. */
export function digest(packages: readonly InstalledPackage[]): string {
  const lines = packages.map(({ name, version, origin, automatic, locked }) =>
    [name, version, origin, automatic, locked].join('\t'),
  );
  return digestVersion + createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/** Whether a list of packages is the one of a digest. One that another version made says nothing against it. */
export function matchesDigest(packages: readonly InstalledPackage[], known: string): boolean {
  return !known.startsWith(digestVersion) || digest(packages) === known;
}
