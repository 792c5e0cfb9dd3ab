import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Extent } from '../../../src/verify/static/jail-files.ts';
import { checkStatically } from '../../../src/verify/static/static-tier.ts';
import { amd64, elfFile } from '../../elf/elf-file.ts';
import { temporaryDirectory } from '../../host/temporary.ts';

const numbered = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${at}`);

const enough: Extent = { paths: 100_000, characters: 10_000_000, milliseconds: 60_000 };

/** Looks at one package that has these files. */
function check(files: Readonly<Record<string, Buffer>>, extent: Partial<Extent>) {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'lib'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, 'lib', name), content);
  const one = {
    name: 'x',
    version: '1',
    origin: 'a/x',
    categories: ['a'],
    flavor: undefined,
    automatic: false,
    locked: false,
    registration: '1 x',
  };
  const packages = [{ ...one, provides: [], requires: [] }];
  return checkStatically({
    root,
    system: { machine: 'amd64', osversion: 1401000 },
    names: ['x'],
    before: [],
    after: packages,
    owners: new Map(Object.keys(files).map((name) => [`/lib/${name}`, 'x'])),
    ownersBefore: new Map(),
    accepted: [],
    extent: { ...enough, ...extent },
  });
}

const many = elfFile({ ...amd64, needed: numbered(200, 'lib'), rpath: numbered(100, '/a').join(':') });
const long = elfFile({ ...amd64, soname: 'x', versionsDefined: numbered(5000, 'X_'.repeat(10)) });

test.each<[string, Readonly<Record<string, Buffer>>, Partial<Extent>]>([
  ['paths', { 'x.so': many }, { paths: 5000 }],
  ['time', { 'x.so': many }, { milliseconds: 0 }],
  ['text', { 'a.so': long, 'b.so': long }, { characters: 50_000 }],
])('what leads to more %s than anybody looks at fails', (_what, files, extent) => {
  expect(check(files, extent)).toMatchObject({
    tier: 'static',
    passed: false,
    output: 'there is no end to what these files lead to',
  });
});

test('of what fails the first is told, and how much more', () => {
  const output = check(
    { 'x.so': many, 'y.so': elfFile({ ...amd64, needed: numbered(900, 'm') }) },
    {},
  )?.output;
  const lines = output?.split('\n') ?? [];
  expect(lines).toHaveLength(501);
  expect(lines.at(-1)).toBe('and 600 more');
});

test('a version that ten thousand libraries need of one that defines ten thousand is found in no time', () => {
  const versions = numbered(9000, 'V_');
  const files = Object.fromEntries(
    numbered(30, 'l').map((name) => [
      `${name}.so`,
      elfFile({ ...amd64, soname: `${name}.so`, needed: ['g.so'], versionsNeeded: { 'g.so': versions } }),
    ]),
  );
  const giver = elfFile({ ...amd64, soname: 'g.so', versionsDefined: versions });
  const program = elfFile({ ...amd64, needed: Object.keys(files) });
  const started = performance.now();
  expect(check({ ...files, 'g.so': giver, 'p.so': program }, { characters: 1e9 })).toMatchObject({
    passed: true,
  });
  expect(performance.now() - started).toBeLessThan(20_000);
});
