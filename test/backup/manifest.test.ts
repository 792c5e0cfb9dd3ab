import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compareTrees } from '../../src/backup/manifest.ts';

let one: string;
let other: string;
const never = new AbortController().signal;

function fill(top: string): void {
  mkdirSync(join(top, 'a-b'));
  mkdirSync(join(top, 'a'));
  for (const path of ['a/x', 'a-b/y', 'a.c', 'z']) writeFileSync(join(top, path), path);
  symlinkSync('/etc/passwd', join(top, 'link'));
  execFileSync('mkfifo', [join(top, 'fifo')]);
  const paths = ['a/x', 'a-b/y', 'a.c', 'z', 'fifo', 'a', 'a-b', '.'];
  for (const path of paths) utimesSync(join(top, path), 1_760_000_000, 1_760_000_000);
  execFileSync('touch', ['-h', '-d', '@1760000000', join(top, 'link')]);
  utimesSync(top, 1_760_000_000, 1_760_000_000);
}

beforeEach(() => {
  one = mkdtempSync(join(tmpdir(), 'jtx-test-'));
  other = mkdtempSync(join(tmpdir(), 'jtx-test-'));
  fill(one);
  fill(other);
});
afterEach(() => {
  // It goes deeper than a path may be long.
  execFileSync('rm', ['-rf', one, other]);
});

test('the same trees are the same, and a FIFO is not opened', async () => {
  expect(await compareTrees(one, other, never)).toEqual({ entries: 9, differences: [] });
});

test.each<[string, () => void, string[]]>([
  ['content', () => writeFileSync(join(other, 'z'), 'Z'), ['z differs']],
  ['a mode', () => chmodSync(join(other, 'a/x'), 0o600), ['a/x differs']],
  ['a time', () => utimesSync(join(other, 'z'), 1, 1), ['z differs']],
  [
    'something missing',
    () => {
      rmSync(join(other, 'a-b'), { recursive: true });
      utimesSync(other, 1_760_000_000, 1_760_000_000);
    },
    ['. differs', 'a-b is missing', 'a-b/y is missing'],
  ],
  [
    'something too much',
    () => {
      writeFileSync(join(other, 'zz'), '');
      utimesSync(other, 1_760_000_000, 1_760_000_000);
    },
    ['zz is too much'],
  ],
])('%s is seen', async (_, change, differences) => {
  change();
  expect((await compareTrees(one, other, never)).differences).toEqual(differences);
});

test('another target of a symlink is seen', async () => {
  rmSync(join(other, 'link'));
  symlinkSync('/etc/group', join(other, 'link'));
  execFileSync('touch', ['-h', '-d', '@1760000000', join(other, 'link')]);
  utimesSync(other, 1_760_000_000, 1_760_000_000);
  expect((await compareTrees(one, other, never)).differences).toEqual(['link differs']);
});

test('a name that is no text, and a link to one, are compared like any other', async () => {
  const name = (top: string, ...path: number[]): Buffer =>
    Buffer.concat([Buffer.from(`${top}/`), Buffer.from(path)]);
  for (const top of [one, other]) {
    writeFileSync(name(top, 0xe9), 'same');
    symlinkSync(Buffer.from([0xe9]), name(top, 0xe8));
    execFileSync('touch', ['-d', '@1760000000', top]);
    utimesSync(name(top, 0xe9), 1_760_000_000, 1_760_000_000);
    lutimesSync(name(top, 0xe8), 1_760_000_000, 1_760_000_000);
  }
  expect(await compareTrees(one, other, never)).toEqual({ entries: 11, differences: [] });
  writeFileSync(name(other, 0xe9), 'other');
  rmSync(name(other, 0xe8));
  symlinkSync(Buffer.from([0xea]), name(other, 0xe8));
  lutimesSync(name(other, 0xe8), 1_760_000_000, 1_760_000_000);
  writeFileSync(name(one, 0xc3, 0xa9), '');
  for (const top of [one, other]) utimesSync(top, 1_760_000_000, 1_760_000_000);
  expect((await compareTrees(one, other, never)).differences).toEqual([
    'é is missing',
    '\ufffd differs',
    '\ufffd differs',
  ]);
});

test('it ends when it is told to', async () => {
  await expect(compareTrees(one, other, AbortSignal.abort())).rejects.toThrow();
});

test.each<[string, (top: string) => void]>([
  ['a path that is longer than any may be', makeDeep],
  ['a file of nothing but holes that nobody reads to its end', (top) => makeHoles(join(top, 'zz'))],
])('%s is no proof, and no more than that', async (_, plant) => {
  plant(one);
  const unproved = expect.objectContaining({ code: 'backup-incomparable' });
  await expect(compareTrees(one, one, never)).rejects.toEqual(unproved);
});

/** A few short chains of directories, each moved to the end of the next. */
function makeDeep(top: string): void {
  const name = 'x'.repeat(200);
  mkdirSync(join(top, 'deep0'));
  for (let at = 1; at <= 7; at += 1) {
    const end = join(top, `deep${at}`, name, name, name);
    mkdirSync(end, { recursive: true });
    renameSync(join(top, `deep${at - 1}`), join(end, 'deep'));
  }
}

function makeHoles(file: string): void {
  writeFileSync(file, '');
  truncateSync(file, 2 ** 42);
}
