import type Database from 'better-sqlite3';
import { versionOne } from './schema-1.ts';
import { versionTwo } from './schema-2.ts';
import { versionThree } from './schema-3.ts';
import { versionFour } from './schema-4.ts';
import { versionFive } from './schema-5.ts';
import { versionSix } from './schema-6.ts';

/** Forward only: step n brings a journal from version n to version n + 1. A step that was released never changes. */
export const migrations: readonly string[] = [
  versionOne,
  versionTwo,
  versionThree,
  versionFour,
  versionFive,
  versionSix,
];

/** The version of a journal's schema; 0 is an empty file. */
export function schemaVersion(database: Database.Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}

/** Brings a journal to the newest version, each step in a transaction of its own. */
export function migrate(database: Database.Database): void {
  const step = database.transaction(() => {
    // Read inside the transaction: another jtx may have migrated it a moment ago.
    const version = schemaVersion(database);
    const sql = migrations[version];
    if (sql === undefined) return;
    database.exec(sql);
    database.pragma(`user_version = ${version + 1}`);
  });
  while (schemaVersion(database) < migrations.length) step.immediate();
}
