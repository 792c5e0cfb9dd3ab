import { expect, test } from 'vitest';
import { packDescription } from '../../src/backup/copy.ts';
import { copyOf } from '../../src/backup/stored-copy.ts';
import { copy, stored } from './stored.ts';

test.each([
  ['nothing is encrypted', undefined, undefined],
  ['it was received raw', 'tank/bk/web', true],
  ['it was received raw, and is a clone since the jail went back', 'tank/bk/web.new', true],
  ['it has the key of the place', 'tank/bk', undefined],
  ['it has the key of what is above the place', 'tank', undefined],
])('a copy is raw where %s: %j', (_what, encryptionRoot, raw) => {
  const backupOf = packDescription(copy([]));
  expect(copyOf(stored([], { name: 'tank/bk/web', backupOf, encryptionRoot }), 'tank/bk')?.raw).toBe(raw);
});
