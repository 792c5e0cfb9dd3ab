import type Database from 'better-sqlite3';

let open: typeof Database | undefined;

/** Loads SQLite: for the worker only, so that the process that merely waits starts fast. */
export async function loadSqlite(): Promise<void> {
  open = (await import('better-sqlite3')).default;
}

/** Opens a database. */
export function openSqlite(path: string, options: Database.Options = {}): Database.Database {
  if (open === undefined) throw new Error('SQLite was not loaded');
  return new open(path, options);
}
