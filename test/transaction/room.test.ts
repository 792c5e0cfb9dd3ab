import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeNewer } from '../../src/transaction/room.ts';
import { temporaryDirectory } from '../host/temporary.ts';

test('what is newer goes, also where a name is no text', () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'a'));
  const latin = Buffer.concat([Buffer.from(join(directory, 'a/caf')), Buffer.from([0xe9])]);
  writeFileSync(latin, 'x');
  writeFileSync(join(directory, 'b'), 'x');
  removeNewer(directory, Date.now() + 60_000);
  expect([readdirSync(directory), readdirSync(join(directory, 'a')).length]).toEqual([['a', 'b'], 1]);
  removeNewer(directory, Date.now() - 60_000);
  expect([readdirSync(directory), readdirSync(join(directory, 'a'))]).toEqual([['a'], []]);
});
