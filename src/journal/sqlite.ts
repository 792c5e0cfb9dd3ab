import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';

// Not an import statement: the bundle would load SQLite for every verb, also for those that need no journal.
const load = createRequire(import.meta.url);

/** Opens a database file; the only place where the journal meets better-sqlite3. */
export function openDatabase(file: string, options: Database.Options): Database.Database {
  const SqliteDatabase: typeof Database = load('better-sqlite3');
  return new SqliteDatabase(file, options);
}

/** SQLite's name of an error, such as `SQLITE_FULL`; undefined for what is no error of SQLite. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error && error.name === 'SqliteError' && 'code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether SQLite says that the file is damaged or is no database. */
export function isCorruption(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error) ?? '');
}
