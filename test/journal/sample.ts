import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { afterEach } from 'vitest';
import type { Journal } from '../../src/journal/journal.ts';
import type { NewTransaction } from '../../src/journal/rows.ts';

/** A transaction as the engine begins it. */
export function newTransaction(over: Partial<NewTransaction> = {}): NewTransaction {
  const id = over.id ?? ulid();
  return {
    id,
    jail: 'web',
    root: '/jails/web',
    dataset: 'zroot/jails/web',
    verb: 'install',
    arguments: ['nginx'],
    pid: 4711,
    started: 1_760_000_000_000,
    version: '0.1.0',
    restart: false,
    snapshot: `jtx-${id}`,
    datasets: [{ name: 'zroot/jails/web', mountpoint: '/jails/web', mounted: true, reverted: true }],
    before: 'digest',
    ...over,
  };
}

/** A transaction that has come to its end. */
export function committed(journal: Journal, over: Partial<NewTransaction> = {}): string {
  const row = newTransaction(over);
  journal.begin(row);
  journal.end(row.id, 'committed', { code: null, message: null, hint: null }, row.started + 5000);
  journal.settle(row.id, row.started + 6000);
  return row.id;
}

/** A directory of one test, gone after it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'jtx-test-'));
  directories.push(directory);
  return directory;
}

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});
