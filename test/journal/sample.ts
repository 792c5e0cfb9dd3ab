import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Journal } from '../../src/journal/journal.ts';
import type { NewTransaction } from '../../src/journal/rows.ts';
import { newTransaction } from './transaction.ts';

export { newTransaction };

/** A transaction that has come to its end. */
export function committed(journal: Journal, over: Partial<NewTransaction> = {}): string {
  const row = newTransaction(over);
  journal.begin(row);
  journal.end(row.id, 'committed', { code: null, message: null, hint: null }, row.started + 5000);
  journal.settle(row.id, row.started + 6000);
  return row.id;
}

/** A directory that is gone after the tests of a file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'jtx-test-'));
  directories.push(directory);
  return directory;
}

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});
