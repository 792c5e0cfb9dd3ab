import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '../../src/journal/journal.ts';
import type { TransactionRow } from '../../src/journal/rows.ts';

/** The install of PostgreSQL of the journal that is kept, with what is to be otherwise. */
export function sampleRow(over: Partial<TransactionRow> = {}): TransactionRow {
  const directory = mkdtempSync(join(tmpdir(), 'jtx-test-'));
  try {
    // A copy: even reading leaves files of SQLite beside a journal.
    const file = join(directory, 'journal.db');
    copyFileSync('test/fixtures/journal/version-1.db', file);
    const journal = Journal.open(file);
    const found = journal.transaction('01K7A0000000000000000000A1');
    journal.close();
    if (!found) throw new Error('the journal that is kept has lost its install');
    return { ...found, ...over };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
