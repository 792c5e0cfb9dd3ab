import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { followInside } from '../../src/jail/follow.ts';
import { temporaryDirectory } from '../host/temporary.ts';

/** A root with `base/bin/sh` and the given links. */
function root(links: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'base/bin'), { recursive: true });
  writeFileSync(join(directory, 'base/bin/sh'), '');
  for (const [at, target] of Object.entries(links)) symlinkSync(target, join(directory, at));
  return directory;
}

test.each([
  ['no link', {}, 'base/bin/sh', 'base/bin/sh'],
  ['a relative link', { 'base/bin/uname': 'sh' }, 'base/bin/uname', 'base/bin/sh'],
  ['an absolute link, from the root of the jail', { sh: '/base/bin/sh' }, 'sh', 'base/bin/sh'],
  ['a directory that is a link, as in a thin jail', { bin: '/base/bin' }, 'bin/sh', 'base/bin/sh'],
  ['more .. than there are directories', { sh: '../../../../base/bin/sh' }, 'sh', 'base/bin/sh'],
  ['.. after a link, from where the link leads', { bin: 'base/bin' }, 'bin/../bin/sh', 'base/bin/sh'],
])('%s', (_what, links, path, expected) => {
  expect(followInside(root(links), path)).toBe(expected);
});

test.each([
  ['a missing file', {}, 'base/none'],
  ['a missing directory', {}, 'none/sh'],
  ['a file in place of a directory', {}, 'base/bin/sh/x'],
  ['a link to a file of the host only', { passwd: '/etc/passwd' }, 'passwd'],
  ['a link to itself', { sh: 'sh' }, 'sh'],
  ['two links in a circle', { a: 'b', b: '/a' }, 'a'],
])('%s leads nowhere', (_what, links, path) => {
  expect(followInside(root(links), path)).toBeUndefined();
});

test.each([
  [8, 'base/bin/sh'],
  [9, undefined],
])('a chain of %i links', (length, expected) => {
  const links = Object.fromEntries(
    Array.from({ length }, (_, at) => [`l${at}`, at + 1 < length ? `l${at + 1}` : 'base/bin/sh']),
  );
  expect(followInside(root(links), 'l0')).toBe(expected);
});
