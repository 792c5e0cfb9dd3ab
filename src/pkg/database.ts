import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refused } from '../error.ts';
import { readInside } from '../host/inside-root.ts';

/** A package that is registered in a jail. */
export interface InstalledPackage {
  name: string;
  version: string;
  origin: string;
  locked: boolean;
}

const file = 'var/db/pkg/local.sqlite';
const largest = 1024 * 1024 * 1024;

/**
 * The packages of a jail, read from a copy of its database with its write-ahead log, so that not even a
 * directory's time changes in the jail. No database is no packages. The database is the jail's: nothing in it
 * is trusted but rows of a plain table. Throws `package-database-unreadable`, `root-unsafe`.
 */
export async function readPackages(root: string): Promise<InstalledPackage[]> {
  const database = readInside(root, file, largest);
  if (database === undefined || database.length === 0) return [];
  const log = readInside(root, `${file}-wal`, largest);
  const directory = mkdtempSync(join(tmpdir(), 'jtx-'));
  try {
    const copy = join(directory, 'local.sqlite');
    writeFileSync(copy, database, { mode: 0o600 });
    if (log !== undefined && log.length > 0) writeFileSync(`${copy}-wal`, log, { mode: 0o600 });
    return await selectPackages(copy);
  } catch (error) {
    throw refused(
      'package-database-unreadable',
      `${join(root, file)} is not a package database that can be read`,
      'Nothing can be promised about a jail whose packages are unknown: restore the database first.',
      error,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function selectPackages(copy: string): Promise<InstalledPackage[]> {
  const { default: Database } = await import('better-sqlite3');
  const database = new Database(copy);
  try {
    database.pragma('trusted_schema = OFF');
    const kind = database.prepare("SELECT type FROM sqlite_schema WHERE name = 'packages'").pluck().get();
    if (kind !== 'table') throw new Error('it has no table of packages');
    const rows = database.prepare('SELECT name, version, origin, locked FROM packages').all();
    return rows.map(packageOf);
  } finally {
    database.close();
  }
}

function packageOf(row: unknown): InstalledPackage {
  const values: Partial<Record<string, unknown>> = typeof row === 'object' && row !== null ? { ...row } : {};
  return {
    name: String(values['name']),
    version: String(values['version']),
    origin: String(values['origin']),
    locked: values['locked'] === 1,
  };
}

/** The schema of a jail's package database: user_version in bytes 60 to 63 of the file (docs/pkg-facts.md, 9). */
export function schemaVersion(root: string): number | undefined {
  const database = readInside(root, file, largest);
  return database === undefined || database.length < 64 ? undefined : database.readUInt32BE(60);
}

/** One word for a whole list of packages, to see whether it is the same again. */
export function digest(packages: readonly InstalledPackage[]): string {
  const lines = packages.map(
    ({ name, version, origin, locked }) => `${name}\t${version}\t${origin}\t${locked}`,
  );
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}
