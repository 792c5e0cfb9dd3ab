import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { JtxError, messageOf, refused } from '../error.ts';
import { lookInside, readInside } from '../host/inside-root.ts';
import { withTemporaryDirectory } from '../host/temporary-directory.ts';

/** Where pkg registers the packages of a root. */
export const databaseFile = 'var/db/pkg/local.sqlite';

const largest = 1024 * 1024 * 1024;
const magicOfHotJournal = Buffer.from('d9d505f920a163d7', 'hex');

/**
 * Queries a copy of a jail's package database, with its write-ahead log, so that not even a directory's time changes in
 * the jail; undefined where there is none. Throws `package-database-unreadable`, `root-unsafe`.
 */
export async function queryCopy<T>(root: string, query: (database: Database) => T): Promise<T | undefined> {
  try {
    const database = readPart(root, databaseFile);
    if (database === undefined || database.length === 0) return undefined;
    requireNoHotJournal(root);
    const log = readPart(root, `${databaseFile}-wal`);
    return await withTemporaryDirectory((directory) => {
      const copy = join(directory, 'local.sqlite');
      writeFileSync(copy, database, { mode: 0o600 });
      // The log's index (-shm) is made anew: a copy of it would not go with the copy of the log.
      if (log !== undefined && log.length > 0) writeFileSync(`${copy}-wal`, log, { mode: 0o600 });
      return queried(copy, query);
    });
  } catch (error) {
    if (error instanceof JtxError) throw error;
    throw refused(
      'package-database-unreadable',
      `${join(root, databaseFile)} cannot be read as a package database: ${messageOf(error)}`,
      'Nothing can be promised about a jail whose packages are unknown: restore the database first.',
      error,
    );
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
  const journal = readPart(root, `${databaseFile}-journal`);
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
