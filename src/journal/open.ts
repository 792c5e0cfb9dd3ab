import { closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { JtxError, messageOf, refused } from '../error.ts';
import { errnoOf } from '../host/errno.ts';
import { migrate, migrations, schemaVersion } from './migrations.ts';
import { isCorruption, openDatabase, sqliteCode } from './sqlite.ts';
import { corrupt, findings } from './statements.ts';

/** Opens a journal for writing; makes it where there is none. Throws `journal-unwritable`, `-corrupt`, `-newer`. */
export function openWritable(file: string): Database.Database {
  try {
    create(file);
  } catch (error) {
    throw unwritable(file, error);
  }
  return opened(file, { timeout: 5000 }, (database) => {
    requireKnown(database, file);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    migrate(database);
    // SQLite opens a file on a read-only file system without a word: ask for the right to write.
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
  });
}

/**
 * Opens a journal for reading; undefined where there is none yet. One of an older schema is brought to this one's first,
 * and so has to be writable. Throws `journal-unreadable`, `-corrupt`, `-newer`; of an older one `journal-unwritable` too.
 */
export function openReadable(file: string): Database.Database | undefined {
  if (!exists(file)) return undefined;
  const options = { timeout: 5000, readonly: true, fileMustExist: true };
  const database = opened(file, options, (candidate) => requireKnown(candidate, file));
  const version = schemaVersion(database);
  if (version === migrations.length) return database;
  database.close();
  return version === 0 ? undefined : openWritable(file);
}

/** Opens one that is there already; else an empty one that is kept nowhere. Throws as both of the above. */
export function openIfThere(file: string): Database.Database {
  if (exists(file)) return openWritable(file);
  const database = openDatabase(':memory:', {});
  migrate(database);
  return database;
}

function opened(
  file: string,
  options: Database.Options,
  prepare: (database: Database.Database) => void,
): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = openDatabase(file, options);
    prepare(database);
    return database;
  } catch (error) {
    const failure = explained(database, file, error, options.readonly === true);
    database?.close();
    throw failure;
  }
}

/** What an error of SQLite means. Anything else, and a statement that is wrong, is a bug and stays what it is. */
export function explained(
  database: Database.Database | undefined,
  file: string,
  error: unknown,
  reading: boolean,
): unknown {
  if (error instanceof JtxError) return error;
  if (isCorruption(error)) return corrupt(file, database ? findings(database) : messageOf(error), error);
  const code = sqliteCode(error);
  if (code === undefined || code === 'SQLITE_ERROR' || code.startsWith('SQLITE_CONSTRAINT')) return error;
  return reading ? unreadable(file, error) : unwritable(file, error);
}

/** Its schema must be one that this jtx knows: reading a newer one would be guessing. */
function requireKnown(database: Database.Database, file: string): void {
  const version = schemaVersion(database);
  if (version > migrations.length) {
    throw refused(
      'journal-newer',
      `the journal ${file} was written by a newer jtx (schema ${version}, this one knows ${migrations.length})`,
      'Use the newer jtx; or move the journal away and restore what the snapshots know: jtx recover --rebuild',
    );
  }
  if (version === 0 && database.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined)
    throw corrupt(file, 'it is a database of something else');
}

/** An empty file that only its owner can read, in a directory of the same kind, both durable. */
function create(file: string): void {
  const directory = dirname(file);
  const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (made !== undefined) syncDirectory(dirname(made));
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return;
    throw error;
  }
  syncDirectory(directory);
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function exists(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw unreadable(file, error);
  }
}

function unwritable(file: string, error: unknown): JtxError {
  const hint = 'Make it writable; if the file is lost for good: jtx recover --rebuild';
  return refused(
    'journal-unwritable',
    `the journal ${file} cannot be written: ${messageOf(error)}`,
    hint,
    error,
  );
}

function unreadable(file: string, error: unknown): JtxError {
  const message = `the journal ${file} cannot be read: ${messageOf(error)}`;
  return refused('journal-unreadable', message, 'It belongs to root: run jtx as root.', error);
}
