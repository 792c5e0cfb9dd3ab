import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exposures } from '../../src/journal/private.ts';

let directory: string;
let journal: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'jtx-test-'));
  journal = join(directory, 'journal.db');
  mkdirSync(join(directory, 'locks'), { mode: 0o700 });
  for (const file of [journal, `${journal}-wal`]) writeFileSync(file, '', { mode: 0o600 });
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a journal as jtx makes it is private, and so is one that is not there', () => {
  expect(exposures(journal)).toEqual([]);
  expect(exposures('/nowhere/journal.db')).toEqual([]);
});

test.each([
  ['journal.db', 0o640],
  ['journal.db', 0o604],
  ['journal.db-wal', 0o660],
  ['locks', 0o777],
  ['.', 0o770],
])('%s with mode %o is told', (name, mode) => {
  const path = join(directory, name);
  chmodSync(path, mode);
  expect(exposures(journal)).toEqual([
    {
      says: expect.stringMatching(/ can be (read|changed) by others$/),
      mend: expect.stringMatching(/^chmod go-r?w/),
    },
  ]);
  expect(exposures(journal)[0]?.says.startsWith(`${path} `)).toBe(true);
});

test('what mends it is told apart, whatever the path is like', () => {
  const odd = join(directory, 'a: b');
  mkdirSync(odd, { mode: 0o777 });
  chmodSync(odd, 0o777);
  expect(exposures(join(odd, 'journal.db'))).toEqual([
    { says: `${odd} can be changed by others`, mend: `chmod go-w ${odd}` },
  ]);
});

test('a directory that others may only look into is fine', () => {
  chmodSync(directory, 0o755);
  expect(exposures(journal)).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)('what belongs to somebody else is told', () => {
  chownSync(journal, 12345, 0);
  expect(exposures(journal)).toEqual([
    { says: `${journal} belongs to user 12345`, mend: `chown root ${journal}` },
  ]);
});
