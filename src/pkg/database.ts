import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { RootWalk } from '../host/root-walk.ts';
import { databaseFile, queryCopy } from './database-copy.ts';
import { readTable } from './untrusted-table.ts';

/** A package that is registered in a jail. */
export interface InstalledPackage {
  name: string;
  version: string;
  origin: string;
  /** All of them: its port may be written with each, and not only with the one in its origin. */
  categories: readonly string[];
  /** Which package of its port it is, where that has several. */
  flavor: string | undefined;
  /** Installed only because another package needed it. */
  automatic: boolean;
  locked: boolean;
  /** One word for this registration: another build of the version, or the same put in once more, has another. */
  registration: string;
  /** The shared libraries that it has for others, and that it needs of others, by name. */
  provides: readonly string[];
  requires: readonly string[];
}

/**
 * The packages of a jail, read from a copy of its database with its write-ahead log, so that not even a
 * directory's time changes in the jail. No database is no packages. The database is the jail's: nothing in it
 * is trusted but rows of a plain table. Throws `package-database-unreadable`, `root-unsafe`.
 */
export async function readPackages(root: string): Promise<InstalledPackage[]> {
  return (await queryCopy(root, selectPackages)) ?? [];
}

/** Which package of a jail owns each file, by the path that the jail sees. Throws as {@link readPackages}. */
export async function readOwners(root: string): Promise<Map<string, string>> {
  return (await queryCopy(root, selectOwners)) ?? new Map();
}

const columns = ['id', 'name', 'version', 'origin', 'automatic', 'locked', 'time', 'manifestdigest'];

function selectPackages(database: Database): InstalledPackage[] {
  const rows = readTable(database, 'packages', columns);
  const categories = linked(database, 'pkg_categories', 'category_id', namesIn(database, 'categories'));
  const flavors = selectFlavors(database);
  const libraries = namesIn(database, 'shlibs');
  const provides = linked(database, 'pkg_shlibs_provided', 'shlib_id', libraries);
  const requires = linked(database, 'pkg_shlibs_required', 'shlib_id', libraries);
  return rows.map(({ id, name, version, origin, automatic, locked, time, manifestdigest }) => ({
    name: word(name),
    version: word(version),
    origin: word(origin),
    categories: categories.get(id) ?? [],
    flavor: flavors.get(id),
    automatic: automatic === 1,
    locked: locked === 1,
    registration: `${time} ${manifestdigest}`,
    provides: provides.get(id) ?? [],
    requires: requires.get(id) ?? [],
  }));
}

type Names = ReadonlyMap<unknown, string>;

function namesIn(database: Database, table: string): Names {
  return new Map(readTable(database, table, ['id', 'name']).map(({ id, name }) => [id, String(name)]));
}

/** The names that each package is linked with by a table, by the package's id. */
function linked(database: Database, table: string, column: string, names: Names): Map<unknown, string[]> {
  const found = new Map<unknown, string[]>();
  for (const { package_id: id, [column]: other } of readTable(database, table, ['package_id', column])) {
    const name = names.get(other);
    if (name === undefined) continue;
    const known = found.get(id);
    if (known) known.push(name);
    else found.set(id, [name]);
  }
  return found;
}

/** The flavor of each package that has one, by the package's id: pkg keeps it as an annotation. */
function selectFlavors(database: Database): Names {
  const texts = new Map(
    readTable(database, 'annotation', ['annotation_id', 'annotation']).map((row) => [
      row['annotation_id'],
      String(row['annotation']),
    ]),
  );
  const flavors = new Map<unknown, string>();
  for (const row of readTable(database, 'pkg_annotation', ['package_id', 'tag_id', 'value_id'])) {
    const value = texts.get(row['value_id']);
    if (value !== undefined && texts.get(row['tag_id']) === 'flavor') flavors.set(row['package_id'], value);
  }
  return flavors;
}

function selectOwners(database: Database): Map<string, string> {
  const rows = readTable(database, 'packages', ['id', 'name']);
  const packages = new Map(rows.map(({ id, name }) => [id, word(name)]));
  const owners = new Map<string, string>();
  for (const { path, package_id: id } of readTable(database, 'files', ['path', 'package_id'])) {
    const owner = packages.get(id);
    if (owner !== undefined) owners.set(String(path), owner);
  }
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
    walk.open(databaseFile, ({ read, stats }) => (stats.size < 64 ? undefined : read(60, 4).readUInt32BE())),
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
