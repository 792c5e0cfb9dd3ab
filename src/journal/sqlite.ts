import SqliteDatabase from 'better-sqlite3';

/** Opens a database file; the only place where the journal meets better-sqlite3. */
export function openDatabase(file: string, options: SqliteDatabase.Options): SqliteDatabase.Database {
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
