import { expect, test } from 'vitest';
import { jailName } from '../../src/jail/name.ts';

test.each(['pg', 'web-1', 'a.b', '_x', 'Pg_9', '1a', 'a'.repeat(255)])('%s is a name', (name) => {
  expect(jailName(name)).toBe(name);
});

test.each([
  ['empty', ''],
  ['an option', '-r'],
  ['a hidden file', '.x'],
  ['the directory above', '..'],
  ['a path', 'a/b'],
  ['a jid', '12'],
  ['a blank', 'a b'],
  ['a line end', 'a\n'],
  ['a wildcard', '*'],
  ['not ASCII', 'ä'],
  ['too long', 'a'.repeat(256)],
])('%s is none', (_what, name) => {
  expect(() => jailName(name)).toThrow(expect.objectContaining({ code: 'usage', outcome: 'usage' }));
});
