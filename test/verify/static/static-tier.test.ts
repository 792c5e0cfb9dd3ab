import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkStatically } from '../../../src/verify/static/static-tier.ts';
import { amd64, elfFile } from '../../elf/elf-file.ts';
import { temporaryDirectory } from '../../host/temporary.ts';

type Owned = Readonly<Record<string, { of: string; content: Buffer | string | undefined }>>;

const installed = (name: string, more: { provides?: string[]; requires?: string[] } = {}) => ({
  name,
  version: '1',
  origin: `a/${name}`,
  categories: ['a'],
  flavor: undefined,
  automatic: false,
  locked: false,
  registration: `1 ${name}`,
  provides: [],
  requires: [],
  ...more,
});

/** Looks at what changed, of packages that have these files; one without content is registered and gone. */
function check(
  files: Owned,
  changed: readonly string[],
  packages: readonly ReturnType<typeof installed>[],
  before: readonly string[] = [],
) {
  const root = temporaryDirectory();
  for (const [path, { content }] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (content !== undefined) writeFileSync(join(root, path), content, { mode: 0o755 });
  }
  return checkStatically({
    root,
    system: { machine: 'amd64', osversion: 1401000 },
    names: changed,
    before: packages,
    after: packages,
    owners: new Map(Object.entries(files).map(([path, { of }]) => [path, of])),
    ownersBefore: new Map(before.map((path) => [path, 'perl5'])),
    accepted: [],
  });
}

const perl = '/usr/local/bin/perl';
const qshape = '/usr/local/bin/qshape';
const says = `is a script for ${perl}, which is not there`;
const postfix: Owned = { [qshape]: { of: 'postfix', content: `#!${perl} -w\n` } };

test('an interpreter that no package brings is told of', () => {
  expect(check(postfix, ['postfix'], [installed('postfix')])).toMatchObject({
    passed: true,
    output: `not judged: ${qshape} ${says}`,
  });
});

test.each<[string, Owned, string[]]>([
  ['was taken away by the change', postfix, [perl]],
  ['a package is to have', { ...postfix, [perl]: { of: 'perl5', content: undefined } }, []],
])('an interpreter that %s fails', (_what, files, before) => {
  const packages = [installed('postfix'), installed('perl5')];
  expect(check(files, ['postfix', 'perl5'], packages, before)).toMatchObject({
    passed: false,
    output: `${qshape} of postfix ${says}`,
  });
});

test('of a package that did not change nothing is told but what concerns the libraries that did', () => {
  const library = elfFile({ ...amd64, osAbi: 9, soname: 'libicu.so.1' });
  const files = { ...postfix, '/usr/local/lib/libicu.so.1': { of: 'icu', content: library } };
  const packages = [
    installed('icu', { provides: ['libicu.so.1'] }),
    installed('postfix', { requires: ['libicu.so.1'] }),
  ];
  expect(check(files, ['icu'], packages)).toMatchObject({ passed: true, output: '' });
});

describe('a library that needs a private one of another package', () => {
  const own = { ...amd64, osAbi: 9 };
  const path = '/usr/local/lib/libswt-awt.so';
  const needing = elfFile({ ...own, soname: 'libswt-awt.so', needed: ['libjawt.so'] });
  const jawt = '/usr/local/openjdk21/lib/libjawt.so';
  const files = (content: Buffer | undefined): Owned => ({
    [path]: { of: 'swt', content: needing },
    [jawt]: { of: 'openjdk21', content },
  });
  const packages = [installed('swt'), installed('openjdk21')];
  const missing = 'needs libjawt.so, which is not where it is looked for';

  test.each([[['swt']], [['swt', 'openjdk21']]])('passes where %j change', (changed) => {
    const library = elfFile({ ...own, soname: 'libjawt.so' });
    expect(check(files(library), changed, packages)).toMatchObject({
      passed: true,
      output: `not judged: ${path} ${missing}`,
    });
  });
  test('fails where that is gone', () => {
    expect(check(files(undefined), ['swt'], packages)).toMatchObject({
      passed: false,
      output: expect.stringContaining(`${path} of swt ${missing}`),
    });
  });
});
