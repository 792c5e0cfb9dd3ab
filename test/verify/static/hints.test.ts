import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHints } from '../../../src/verify/static/hints.ts';
import { manyRuns } from '../../parsers/mutated.ts';

/** A file as ldconfig(8) writes it: the header, then the directories with colons between them. */
function hints(directories: string, { little = true, version = 1 } = {}): Buffer {
  const file = Buffer.alloc(128 + directories.length + 1);
  const header = [0x746e6845, version, 128, directories.length + 1, 0, directories.length];
  for (const [index, value] of header.entries()) {
    if (little) file.writeUInt32LE(value, index * 4);
    else file.writeUInt32BE(value, index * 4);
  }
  file.write(directories, 128);
  return file;
}

const three = '/lib:/usr/lib:/usr/local/lib';

test.each([true, false])('the directories in their order, little-endian: %s', (little) => {
  expect(parseHints(hints(three, { little }))).toEqual(['/lib', '/usr/lib', '/usr/local/lib']);
});

test('what is no absolute directory is left out', () => {
  expect(parseHints(hints('/lib::lib:../x:/y'))).toEqual(['/lib', '/y']);
});

test.each([
  ['an empty file', Buffer.alloc(0)],
  ['another version', hints(three, { version: 2 })],
  ['a file that is cut off', hints(three).subarray(0, 140)],
  ['something else', Buffer.alloc(500, 'x')],
])('%s has none', (_what, file) => {
  expect(parseHints(file)).toEqual([]);
});

test('whatever is changed, each directory is one that the file has', () => {
  const file = hints(three);
  const change = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
      const other = Buffer.from(file);
      for (const [at, value] of changes) other[at] = value;
      for (const directory of parseHints(other)) {
        expect(directory.startsWith('/')).toBe(true);
        expect(other.includes(directory) || directory.includes('\uFFFD')).toBe(true);
      }
    }),
    { numRuns: manyRuns },
  );
});
