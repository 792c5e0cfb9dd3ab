import type { Database } from 'better-sqlite3';

/** A row of a table: whatever values it has of the columns that were asked for. */
export type Row = Partial<Record<string, unknown>>;

/** Far more than any jail has, of packages, libraries and files. */
const mostRows = 2_000_000;

/** Bytes that a row takes at the least: a pointer to it, its size, its number, and the size of its header. */
const leastOfRow = 5;

/**
 * Reads columns of a table in a database that is a stranger's. A view, a virtual table and a table with computed columns
 * are refused: what they cost has no bound. Neither has a table whose pages lead to the same pages again, so its rows
 * are counted; a join in SQL would go through those that match nothing without counting them, so join what this gives.
 * Throws an `Error` that tells what is wrong.
 */
export function readTable(database: Database, table: string, columns: readonly string[]): Row[] {
  requirePlain(database, table);
  const most = Math.min(mostRows, Math.floor(sizeOf(database) / leastOfRow));
  const rows = database.prepare(`SELECT ${columns.join(', ')} FROM ${table} LIMIT ${most + 1}`).all();
  if (rows.length > most) throw new Error(`its table of ${table} has no end`);
  return rows.map((row) => (typeof row === 'object' && row !== null ? { ...row } : {}));
}

/** Bytes of all pages. */
function sizeOf(database: Database): number {
  const [count, size] = ['page_count', 'page_size'].map((name) => database.pragma(name, { simple: true }));
  return Number(count) * Number(size);
}

/** A view and a virtual table have no page of their own. */
function requirePlain(database: Database, table: string): void {
  const page = database
    .prepare("SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .pluck()
    .get(table);
  if (typeof page !== 'number' || page < 1) throw new Error(`it has no table of ${table}`);
  const computed = database.prepare('SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 0').get(table);
  if (computed !== undefined) throw new Error(`its table of ${table} has columns that are computed`);
}
