import Database from 'better-sqlite3';
import type { TestRoot } from './root.ts';

/** What pkg's database says of locks: two flags, and how many processes it names. */
export interface LockRows {
  exclusive: number;
  advisory: number;
  pids: number;
}

/** Reads the lock rows of a root that no pkg runs in. */
export function lockRows(root: TestRoot): LockRows {
  const database = new Database(root.path('var/db/pkg/local.sqlite'));
  try {
    const query = 'SELECT exclusive, advisory, (SELECT count(*) FROM pkg_lock_pid) AS pids FROM pkg_lock';
    return database.prepare<[], LockRows>(query).get() ?? { exclusive: -1, advisory: -1, pids: -1 };
  } finally {
    database.close();
  }
}
