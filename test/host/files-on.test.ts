import { execFileSync } from 'node:child_process';
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

test('what lies too deep to be looked at is given, and ends no look at the rest', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'z'), 'x');
  // A shell's cd would be too long itself.
  const deeper =
    "for (let i = 0; i < 30; i += 1) { fs.mkdirSync('d'.repeat(200)); process.chdir('d'.repeat(200)); }";
  execFileSync(process.execPath, ['-e', deeper], { cwd: directory });
  const found = [...filesOn(directory)];
  execFileSync('rm', ['-rf', join(directory, 'd'.repeat(200))]);
  expect(found.map(({ stats }) => stats === undefined).sort()).toEqual([false, true]);
});
