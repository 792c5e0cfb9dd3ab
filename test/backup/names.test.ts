import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { backupOf, backupSnapshot, copyName, retiredAt, retiredName } from '../../src/backup/names.ts';
import { datasetName } from '../../src/zfs/names.ts';
import { ulid } from './stored.ts';

const component = fc.stringMatching(/^[A-Za-z0-9_.: -]{1,6}$/);
const path = fc.array(component, { maxLength: 4 }).map((parts) => parts.map((part) => `/${part}`).join(''));

it('no two paths have a copy of the same name, and it is one component of a dataset', () => {
  fc.assert(
    fc.property(path, path, (one, other) => {
      fc.pre(one !== other);
      expect(copyName('web', one)).not.toBe(copyName('web', other));
      expect(copyName('web', one)).not.toContain('/');
      expect(datasetName(`tank/${copyName('web', one)}`)).toBeDefined();
    }),
    {
      numRuns: 1000,
      examples: [
        ['/a:/b', '/a/:b'],
        ['/a:b', '/a/b'],
        ['/a:.b', '/a:/b'],
      ],
    },
  );
});

test.each([
  ['', 'web'],
  ['/www', 'web:www'],
  ['/a/b c', 'web:a:b c'],
  ['/a:b', 'web:.a::b'],
])('the copy of %j is %s', (at, name) => {
  expect(copyName('web', at)).toBe(name);
});

it('the backup of a snapshot is in its name', () => {
  expect(backupOf(backupSnapshot(ulid(1)))).toBe(ulid(1));
  expect(backupOf(`jtx-${ulid(1)}`)).toBe(ulid(1));
  for (const other of ['daily', 'jtx-backup-', `jtx-backup-${ulid(1)}x`, `x-jtx-backup-${ulid(1)}`])
    expect(backupOf(other)).toBeUndefined();
});

it('a retired copy says since when', () => {
  expect(retiredAt(retiredName('web:www', ulid(7)))).toBe(ulid(7));
  expect(retiredAt('web:www')).toBeUndefined();
});
