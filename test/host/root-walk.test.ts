import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RootWalk } from '../../src/host/root-walk.ts';
import { temporaryDirectory } from './temporary.ts';

/** A root with `base/bin/sh` and the given links. */
function root(links: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'base/bin'), { recursive: true });
  writeFileSync(join(directory, 'base/bin/sh'), '');
  for (const [at, target] of Object.entries(links)) symlinkSync(target, join(directory, at));
  return directory;
}

function follow(at: string, path: string): string | undefined {
  return RootWalk.within(at, (walk) => walk.find(path)?.path);
}

test.each([
  ['no link', {}, 'base/bin/sh', 'base/bin/sh'],
  ['a relative link', { 'base/bin/uname': 'sh' }, 'base/bin/uname', 'base/bin/sh'],
  ['an absolute link, from the root of the jail', { sh: '/base/bin/sh' }, 'sh', 'base/bin/sh'],
  ['a directory that is a link, as in a thin jail', { bin: '/base/bin' }, 'bin/sh', 'base/bin/sh'],
  ['more .. than there are directories', { sh: '../../../../base/bin/sh' }, 'sh', 'base/bin/sh'],
  ['.. after a link, from where the link leads', { bin: 'base/bin' }, 'bin/../bin/sh', 'base/bin/sh'],
])('%s', (_what, links, path, expected) => {
  expect(follow(root(links), path)).toBe(`/${expected}`);
});

test.each([
  ['a missing file', {}, 'base/none'],
  ['a missing directory', {}, 'none/sh'],
  ['a file in place of a directory', {}, 'base/bin/sh/x'],
  ['a link to a file of the host only', { passwd: '/etc/passwd' }, 'passwd'],
  ['a link to itself', { sh: 'sh' }, 'sh'],
  ['two links in a circle', { a: 'b', b: '/a' }, 'a'],
])('%s leads nowhere', (_what, links, path) => {
  expect(follow(root(links), path)).toBeUndefined();
});

test.each([
  [32, '/base/bin/sh'],
  [33, undefined],
])('a chain of %i links', (length, expected) => {
  const links = Object.fromEntries(
    Array.from({ length }, (_, at) => [`l${at}`, at + 1 < length ? `l${at + 1}` : 'base/bin/sh']),
  );
  expect(follow(root(links), 'l0')).toBe(expected);
});

test('one walk finds what many do, in whatever order', () => {
  const at = root({ bin: '/base/bin', up: '../../base', usr: 'base' });
  const paths = [
    'usr/bin/sh',
    'base/bin/sh',
    'up/bin/sh',
    'base',
    'bin/sh',
    'base/none',
    'usr/../bin/sh',
    '',
  ];
  const one = RootWalk.within(at, (walk) => paths.map((path) => walk.find(path)?.path));
  expect(one).toEqual(paths.map((path) => follow(at, path)));
});

describe('opening', () => {
  test.each([
    ['a FIFO', (file: string) => execFileSync('mkfifo', [file])],
    ['a directory', (file: string) => mkdirSync(file)],
    ['nothing', () => undefined],
  ])('%s is no file, and is not waited for', (_what, plant) => {
    const at = root({});
    plant(join(at, 'base/x'));
    expect(RootWalk.within(at, (walk) => walk.open('base/x', () => true))).toBeUndefined();
  });

  test('a file is read from anywhere to where it ends', () => {
    const at = root({});
    writeFileSync(join(at, 'base/x'), 'abcdef');
    const read = RootWalk.within(at, (walk) =>
      walk.open('base/x', (file) => [file.read(0, 2), file.read(4, 9), file.read(9, 9)].map(String)),
    );
    expect(read).toEqual(['ab', 'ef', '']);
  });

  test('a directory that becomes a link out of the root after it was entered is still the one that was entered', () => {
    const at = root({});
    const outside = temporaryDirectory();
    writeFileSync(join(outside, 'secret'), 'host');
    RootWalk.within(at, (walk) => {
      expect(walk.find('base/bin/sh')?.path).toBe('/base/bin/sh');
      renameSync(join(at, 'base/bin'), join(at, 'base/was'));
      symlinkSync(outside, join(at, 'base/bin'));
      expect(walk.open('base/bin/secret', ({ read }) => String(read(0, 9)))).toBeUndefined();
      expect(walk.find('base/was')?.path).toBe('/base/was');
      expect(walk.open('base/bin/secret', ({ read }) => String(read(0, 9)))).toBeUndefined();
    });
  });

  test('a name that no file can have leads nowhere', () => {
    expect(follow(root({}), `base/${'x'.repeat(5000)}/y`)).toBeUndefined();
    expect(follow(root({}), 'base/a\0b')).toBeUndefined();
  });
});

test('names are listed of a directory only', () => {
  const at = root({ bin: '/base/bin' });
  expect(
    RootWalk.within(at, (walk) => [walk.list('bin'), walk.list('base/bin/sh'), walk.list('no')]),
  ).toEqual([['sh'], [], []]);
});

test('the working directory is as before, even one that is gone', () => {
  const before = process.cwd();
  const gone = temporaryDirectory();
  try {
    process.chdir(gone);
    rmSync(gone, { recursive: true });
    follow(root({}), 'base/bin/sh');
    expect(() => follow(root({}), 'base')).not.toThrow();
  } finally {
    process.chdir(before);
  }
});
