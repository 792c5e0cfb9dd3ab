import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCache } from '../../../src/verify/static/linker-cache.ts';
import { manyRuns } from '../../parsers/mutated.ts';

/** A file as ldconfig of Linux writes it, of libraries and where they lie. */
function cache(libraries: readonly [string, string][]): Buffer {
  const header = Buffer.alloc(48);
  header.write('glibc-ld.so.cache1.1');
  header.writeUInt32LE(libraries.length, 20);
  const entries: Buffer[] = [];
  const strings: Buffer[] = [];
  let at = 48 + 24 * libraries.length;
  for (const [name, path] of libraries) {
    const entry = Buffer.alloc(24);
    entry.writeUInt32LE(at, 4);
    entry.writeUInt32LE(at + name.length + 1, 8);
    entries.push(entry);
    strings.push(Buffer.from(`${name}\0${path}\0`));
    at += name.length + path.length + 2;
  }
  return Buffer.concat([header, ...entries, ...strings]);
}

const two = cache([
  ['libx.so.1', '/opt/x/libx.so.1'],
  ['liby.so.1', '/usr/lib64/liby.so.1'],
]);

test('the directories of its libraries', () => {
  expect(parseCache(two)).toEqual(['/opt/x', '/usr/lib64']);
});

test.runIf(existsSync('/etc/ld.so.cache'))('a real one', () => {
  const found = parseCache(readFileSync('/etc/ld.so.cache'));
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter((directory) => !existsSync(directory))).toEqual([]);
});

test('of more libraries than a system has the first are enough', () => {
  const many = Array.from({ length: 30_000 }, (_, at): [string, string] => ['x', `/${at}/x`]);
  expect(parseCache(cache(many))).toEqual(many.slice(0, 20_000).map(([, path]) => path.slice(0, -2)));
});

test('a path longer than any is left out', () => {
  const long = (length: number): string => `/${'x'.repeat(length - 3)}/y`;
  const found = parseCache(cache([1023, 1024, 4000].map((length) => ['y', long(length)])));
  expect(found).toEqual([long(1023).slice(0, -2)]);
});

test('libraries without number whose paths have no end are passed over in no time', () => {
  const file = Buffer.alloc(4 * 1024 * 1024, '/x');
  cache([]).copy(file);
  file.writeUInt32LE(0xffff_ffff, 20);
  for (let entry = 48; entry + 24 < file.length / 2; entry += 24)
    file.writeUInt32LE(file.length / 2 + entry, entry + 8);
  const before = performance.now();
  expect(parseCache(file)).toEqual([]);
  expect(performance.now() - before).toBeLessThan(1000);
});

test('whatever is changed, nothing is thrown, and each is a directory', () => {
  const change = fc.tuple(fc.nat(two.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
      const other = Buffer.from(two);
      for (const [at, value] of changes) other[at] = value;
      for (const directory of parseCache(other)) expect(directory.startsWith('/')).toBe(true);
    }),
    { numRuns: manyRuns },
  );
});
