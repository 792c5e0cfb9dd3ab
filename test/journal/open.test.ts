import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { committed, newTransaction, temporaryDirectory } from './sample.ts';

const root = process.getuid?.() === 0;

function refusal(code: string): unknown {
  return expect.objectContaining({ code, outcome: 'refused' });
}

test('a journal that does not exist can be read as none', () => {
  const file = join(temporaryDirectory(), 'none', 'journal.db');
  expect(Journal.openForReading(file)).toBeUndefined();
  expect(existsSync(file)).toBe(false);
});

test('one that does not exist is an empty one to who only looks, and still does not exist', () => {
  const file = join(temporaryDirectory(), 'none', 'journal.db');
  const journal = Journal.openIfThere(file);
  expect(journal.history({ limit: 5 })).toEqual([]);
  expect(journal.unsettled()).toEqual([]);
  journal.close();
  expect(existsSync(file)).toBe(false);
});

test('a journal whose making was cut off is read as none and made whole', () => {
  const file = join(temporaryDirectory(), 'journal.db');
  writeFileSync(file, '', { mode: 0o600 });
  expect(Journal.openForReading(file)).toBeUndefined();
  const journal = Journal.open(file);
  committed(journal);
  journal.close();
});

test('reading sees what another process is writing, and writes nothing', () => {
  const file = join(temporaryDirectory(), 'journal.db');
  const writer = Journal.open(file);
  committed(writer);
  const reader = Journal.openForReading(file);
  expect(reader?.history({ limit: 5 })).toHaveLength(1);
  committed(writer);
  expect(reader?.history({ limit: 5 })).toHaveLength(2);
  expect(() => reader?.begin(newTransaction())).toThrow(/readonly/);
  reader?.close();
  writer.close();
  const before = statSync(file).mtimeMs;
  Journal.openForReading(file)?.close();
  expect(statSync(file).mtimeMs).toBe(before);
});

test('a file in place of the directory', () => {
  const directory = join(temporaryDirectory(), 'db');
  writeFileSync(directory, '');
  expect(() => Journal.open(join(directory, 'journal.db'))).toThrow(refusal('journal-unwritable'));
  expect(() => Journal.openForReading(join(directory, 'journal.db'))).toThrow(refusal('journal-unreadable'));
});

test('a directory in place of the file', () => {
  const file = join(temporaryDirectory(), 'journal.db');
  mkdirSync(file);
  expect(() => Journal.open(file)).toThrow(refusal('journal-unwritable'));
});

test('a file that is no database is told and left as it is', () => {
  const file = join(temporaryDirectory(), 'journal.db');
  const content = 'not a database, whatever its name says\n'.repeat(100);
  writeFileSync(file, content);
  for (const open of [Journal.open, Journal.openForReading])
    expect(() => open(file)).toThrow(
      expect.objectContaining({
        code: 'journal-corrupt',
        hint: expect.stringContaining('jtx recover --rebuild'),
      }),
    );
  expect(readFileSync(file, 'utf8')).toBe(content);
});

test('a database of something else is no journal', () => {
  const file = join(temporaryDirectory(), 'journal.db');
  const other = new Database(file);
  other.exec('CREATE TABLE theirs (x)');
  other.close();
  expect(() => Journal.open(file)).toThrow(refusal('journal-corrupt'));
});

test('damage inside is told, with what the check of SQLite finds', () => {
  const file = join(temporaryDirectory(), 'journal.db');
  const journal = Journal.open(file);
  for (let count = 0; count < 200; count += 1) journal.begin(newTransaction());
  journal.close();
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 4096);
  writeFileSync(file, bytes);
  const use = (): void => {
    const damaged = Journal.open(file);
    try {
      damaged.unsettled();
    } finally {
      damaged.close();
    }
  };
  expect(use).toThrow(refusal('journal-corrupt'));
});

test('the journal of a newer jtx is not touched', () => {
  const file = join(temporaryDirectory(), 'journal.db');
  Journal.open(file).close();
  const newer = new Database(file);
  newer.pragma('user_version = 99');
  newer.close();
  for (const open of [Journal.open, Journal.openForReading])
    expect(() => open(file)).toThrow(refusal('journal-newer'));
});

test.runIf(root)('a full file system, before and after the journal was made', () => {
  const directory = temporaryDirectory();
  mount(['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', directory], () => {
    const file = join(directory, 'journal.db');
    const journal = Journal.open(file);
    const id = committed(journal);
    fill(join(directory, 'filler'));
    const { before: _, ...row } = newTransaction();
    expect(() => journal.begin({ ...row, before: 'x'.repeat(300_000) })).toThrow(
      refusal('journal-unwritable'),
    );
    journal.close();
    const again = Journal.openForReading(file);
    expect(again?.history({ limit: 5 }).map((found) => found.id)).toEqual([id]);
    again?.close();
  });
  mount(['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', directory], () => {
    fill(join(directory, 'filler'));
    expect(() => Journal.open(join(directory, 'journal.db'))).toThrow(refusal('journal-unwritable'));
  });
});

test.runIf(root)('a read-only file system is found before anything is begun', () => {
  const directory = temporaryDirectory();
  mount(['-t', 'tmpfs', 'tmpfs', directory], () => {
    const file = join(directory, 'journal.db');
    const journal = Journal.open(file);
    committed(journal);
    journal.close();
    execFileSync('mount', ['-o', 'remount,ro', directory]);
    expect(() => Journal.open(file)).toThrow(refusal('journal-unwritable'));
  });
});

test.runIf(!root)('a directory without the right to write', () => {
  const directory = temporaryDirectory();
  chmodSync(directory, 0o500);
  expect(() => Journal.open(join(directory, 'journal.db'))).toThrow(refusal('journal-unwritable'));
});

function mount(args: string[], use: () => void): void {
  execFileSync('mount', args);
  try {
    use();
  } finally {
    execFileSync('umount', ['-l', args.at(-1) ?? '']);
  }
}

function fill(file: string): void {
  try {
    for (let size = 0; size < 1024; size += 1) writeFileSync(file, Buffer.alloc(1024), { flag: 'a' });
  } catch {
    // Full, as it should be.
  }
}
