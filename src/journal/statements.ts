import type Database from 'better-sqlite3';
import { messageOf, refused } from '../error.ts';
import { isCorruption } from './sqlite.ts';

/** What can be bound to a statement. */
export type Bound = Readonly<Record<string, string | number | null>>;

/** A journal's statements, each prepared once. */
export class Statements {
  private readonly prepared = new Map<string, Database.Statement<[Bound], unknown>>();
  private readonly database: Database.Database;

  constructor(database: Database.Database) {
    this.database = database;
  }

  private prepare(sql: string): Database.Statement<[Bound], unknown> {
    const known = this.prepared.get(sql) ?? this.database.prepare<[Bound], unknown>(sql);
    this.prepared.set(sql, known);
    return known;
  }

  /** Carries one change out; gives the row id of an insert and how many rows there were. */
  write(sql: string, bound: Bound): { row: number; changed: number } {
    const { lastInsertRowid, changes } = this.prepare(sql).run(bound);
    return { row: Number(lastInsertRowid), changed: changes };
  }

  /** All rows of a query. Throws `journal-corrupt`. */
  read(sql: string, bound: Bound = {}): Columns[] {
    try {
      return this.prepare(sql)
        .all(bound)
        .map((row) => new Columns(row));
    } catch (error) {
      if (!isCorruption(error)) throw error;
      throw corrupt(this.database.name, findings(this.database), error);
    }
  }
}

/** One row that was read. A value of another type than the schema says is damage. */
export class Columns {
  private readonly values: ReadonlyMap<string, unknown>;

  constructor(row: unknown) {
    this.values = new Map(Object.entries(row ?? {}));
  }

  text(column: string): string {
    const value = this.values.get(column);
    if (typeof value === 'string') return value;
    throw new TypeError(`the journal's ${column} is no text`);
  }

  number(column: string): number {
    const value = this.values.get(column);
    if (typeof value === 'number') return value;
    throw new TypeError(`the journal's ${column} is no number`);
  }

  flag(column: string): boolean {
    return this.number(column) !== 0;
  }

  textOrNull(column: string): string | null {
    return this.values.get(column) === null ? null : this.text(column);
  }

  numberOrNull(column: string): number | null {
    return this.values.get(column) === null ? null : this.number(column);
  }

  /** One of a fixed set of words. */
  word<T extends string>(column: string, words: readonly T[]): T {
    const text = this.text(column);
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new TypeError(`the journal's ${column} is ${JSON.stringify(text)}`);
    return word;
  }

  /** A column that holds a JSON list. */
  list(column: string): unknown[] {
    const value: unknown = JSON.parse(this.text(column));
    if (Array.isArray(value)) return value;
    throw new TypeError(`the journal's ${column} is no list`);
  }
}

/** The first lines of what SQLite's own check finds wrong; it reads the whole file, so only after an error. */
export function findings(database: Database.Database): string {
  try {
    const rows: unknown = database.pragma('quick_check(3)');
    return (Array.isArray(rows) ? rows : []).map((row) => Object.values(row).join()).join('; ');
  } catch (error) {
    return messageOf(error);
  }
}

/** The failure that says that a journal is damaged, and how to go on without it. */
export function corrupt(file: string, why: string, cause?: unknown): Error {
  return refused(
    'journal-corrupt',
    `the journal ${file} is damaged: ${why}`,
    `Move it and its -wal and -shm files away, then restore what the snapshots know: jtx recover --rebuild`,
    cause,
  );
}
