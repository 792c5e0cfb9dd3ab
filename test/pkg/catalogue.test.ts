import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasCatalogue, isForAnother, listStrangersArguments } from '../../src/pkg/catalogue.ts';
import { emptyRoot } from './jail-root.ts';

const abi = 'FreeBSD:14:amd64';

test.each([
  ['nothing', '', false],
  ['another machine', 'FreeBSD:14:aarch64\n', true],
  ['another release', 'FreeBSD:13:amd64\n', true],
  ['another release of any machine', 'FreeBSD:13:*\n', true],
  ['what fits, in other letters', 'freebsd:14:amd64\n', false],
  ['what fits any machine', 'FreeBSD:14:*\n', false],
  ['what fits any release', 'FreeBSD:*:amd64\n', false],
  ['what fits everything', '*\n', false],
  ['one that fits and one that does not', 'FreeBSD:14:*\nFreeBSD:15:amd64\n', true],
  ['what only begins like it', 'FreeBSD:14:amd64:x\n', true],
  ['what a pattern could be made of', 'FreeBSD:14:amd6.\n', true],
])('a catalogue with packages for %s', (_what, listed, another) => {
  expect(isForAnother(listed, abi)).toBe(another);
});

test('what fits as a rule is not listed', () => {
  expect(listStrangersArguments(abi)).toEqual([
    'rquery',
    '-U',
    '-e',
    '%q != "FreeBSD:14:amd64" && %q != "FreeBSD:14:*"',
    '%q',
  ]);
});

test('a root without catalogues', () => {
  const root = emptyRoot();
  expect(hasCatalogue(root)).toBe(false);
  mkdirSync(join(root, 'var/db/pkg/repos'));
  expect(hasCatalogue(root)).toBe(true);
});
