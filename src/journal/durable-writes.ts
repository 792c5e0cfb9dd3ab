import type Database from 'better-sqlite3';
import { insertRan, type RanCommand } from './command-log.ts';
import { explained } from './open.ts';
import type { Statements } from './statements.ts';

/** Writes to a journal, each durable when it returns, with what has waited for it: all or nothing. */
export class DurableWrites {
  private readonly database: Database.Database;
  private readonly statements: Statements;
  private waiting: RanCommand[] = [];

  constructor(database: Database.Database, statements: Statements) {
    this.database = database;
    this.statements = statements;
  }

  /** Throws `journal-unwritable`, `journal-corrupt`. */
  write<T>(change: () => T): T {
    const { waiting } = this;
    const both = this.database.transaction(() => {
      for (const command of waiting) insertRan(this.statements, command);
      return change();
    });
    try {
      const result = both.immediate();
      this.waiting = [];
      return result;
    } catch (error) {
      throw explained(this.database, this.database.name, error, false);
    }
  }

  /** What need not be durable now goes with the next write. */
  later(command: RanCommand): void {
    this.waiting.push(command);
  }

  /** Writes what waits, if anything does. Throws as {@link write}. */
  writeWaiting(): void {
    if (this.waiting.length > 0) this.write(() => {});
  }
}
