import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Places } from '../../src/transaction/places.ts';

const jail = 'zroot/jails/web';
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'jtx-places-'));
  mkdirSync(join(root, 'var'));
  symlinkSync('/usr', join(root, 'usr'));
});
afterEach(() => rmSync(root, { recursive: true }));

const refusal = expect.objectContaining({ code: 'root-unsafe' });

test.each([
  ['in a tree that is there', [jail, `${jail}/usr`]],
  ['in one that was set aside', []],
])('what gets its place from above is looked for below the root: %s', (_what, there) => {
  const tree = there.map((name) => ({ name, mountpoint: root + name.slice(jail.length) }));
  const places = new Places(jail, root, tree);
  places.require(jail, undefined);
  places.require(`${jail}/var`, undefined);
  expect(() => places.require(`${jail}/usr`, undefined)).toThrow(refusal);
  expect(() => places.require(`${jail}/usr/local`, undefined)).toThrow(refusal);
});

test('and below a place of its own', () => {
  const places = new Places(jail, root, []);
  places.require(`${jail}/a`, join(root, 'var/a'));
  places.require(`${jail}/a/b`, undefined);
  expect(() => places.require(`${jail}/c`, join(root, 'usr/c'))).toThrow(refusal);
});

test.each(['none', 'legacy', '/elsewhere'])(
  'what lies nowhere below the root is not asked for: %s',
  (place) => {
    const places = new Places(jail, root, []);
    places.require(`${jail}/usr`, place);
    places.require(`${jail}/usr/local`, undefined);
  },
);
