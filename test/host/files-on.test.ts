import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesOn } from '../../src/host/files-on.ts';
import { temporaryDirectory } from './temporary.ts';

test('files and links, in directories that are there and not where a link leads', () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'a/b'), { recursive: true });
  writeFileSync(join(directory, 'a/b/file'), 'x');
  symlinkSync('/', join(directory, 'link'));
  const found = [...filesOn(directory)].map(({ path }) => path.toString().slice(directory.length));
  expect(found.sort()).toEqual(['/a/b/file', '/link']);
});
