import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Failure, JtxError, refused } from '../error.ts';
import { errnoOf } from './errno.ts';

/** A lock that is held until it is released or its process dies. */
export interface Lock {
  release(): void;
}

/** What is told where another process holds a lock. */
export type Held = Pick<Failure, 'code' | 'message'> & Partial<Pick<Failure, 'hint'>>;

/**
 * Locks a jail's root for one change; `name` is what a person calls it. Throws `jail-busy` where another process holds it,
 * `lock-unmade`.
 */
export function lockRoot(directory: string, root: string, name = root): Lock {
  return lockAlone(directory, root, {
    code: 'jail-busy',
    message: `another change of ${name} is running`,
    hint: 'Wait until it has ended: jtx status shows it.',
  });
}

/**
 * Locks something for one process, by a name that no other thing has in this directory. The lock is SQLite's own on a file
 * of its own: a record lock of the kernel, which drops it when the process dies however it dies, and which no child process
 * inherits. Throws what is told of it where another process holds it, as busy; `lock-unmade`.
 */
export function lockAlone(directory: string, name: string, held: Held): Lock {
  return take(directory, name, held, (database) => database.exec('BEGIN EXCLUSIVE'));
}

/** The same for those who do not get in each other's way, but in that of who locks it alone, and he in theirs. */
export function lockShared(directory: string, name: string, held: Held): Lock {
  return take(directory, name, held, (database) => {
    database.exec('BEGIN');
    // Only who reads holds anything.
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
  });
}

function take(
  directory: string,
  name: string,
  held: Held,
  begin: (database: Database.Database) => void,
): Lock {
  const database = open(directory, name);
  try {
    database.pragma('journal_mode = memory');
    begin(database);
  } catch (error) {
    database.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new JtxError({
        outcome: 'busy',
        state: 'Nothing was changed by this run.',
        hint: 'Wait until it has ended.',
        ...held,
      });
    }
    throw error;
  }
  return {
    release() {
      database.close();
    },
  };
}

function open(directory: string, name: string): Database.Database {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
  const file = join(directory, `${digest}.lock`);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    makePrivate(file);
    return new Database(file, { timeout: 0 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const hint = `df -h ${directory}; ls -ld ${directory}`;
    throw refused('lock-unmade', `the lock ${file} cannot be made: ${error.message}`, hint, error);
  }
}

/** Who may read it could hold it. One that is there is not opened: closing it would let go of what this process holds. */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}
