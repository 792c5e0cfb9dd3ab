import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { chdir, cwd } from 'node:process';
import { expect, test } from 'vitest';
import {
  allowDirectory,
  lookInside,
  pathInside,
  readInside,
  requireDirectory,
  requirePlace,
  withinDirectory,
  withinExisting,
} from '../../src/host/inside-root.ts';
import { temporaryDirectory } from './temporary.ts';

const unsafe = expect.objectContaining({ code: 'root-unsafe', outcome: 'refused' });

/** A root with `etc/passwd`, a FIFO `etc/fifo`, and links that lead out: `out` (a directory) and `etc/out`. */
function root(): string {
  const outside = temporaryDirectory();
  writeFileSync(join(outside, 'secret'), 'secret');
  const at = temporaryDirectory();
  mkdirSync(join(at, 'etc'));
  writeFileSync(join(at, 'etc/passwd'), 'root');
  execFileSync('mkfifo', [join(at, 'etc/fifo')]);
  symlinkSync(outside, join(at, 'out'));
  symlinkSync(join(outside, 'secret'), join(at, 'etc/out'));
  symlinkSync('etc', join(at, 'inner'));
  return at;
}

test('a path is looked at without following its last part', () => {
  const at = root();
  expect(lookInside(at, 'etc/passwd')?.isFile()).toBe(true);
  expect(lookInside(at, '/etc//passwd')?.isFile()).toBe(true);
  expect(lookInside(at, 'etc/out')?.isSymbolicLink()).toBe(true);
  expect(lookInside(at, 'etc/none')).toBeUndefined();
  expect(lookInside(at, 'none/none')).toBeUndefined();
});

test.each(['out/secret', 'inner/passwd', 'etc/out/x', 'etc/passwd/x'])('no way leads through %s', (path) => {
  const at = root();
  expect(() => lookInside(at, path)).toThrow(unsafe);
  expect(() => readInside(at, path, 100)).toThrow(unsafe);
});

test('a directory is required', () => {
  const at = root();
  requireDirectory(at, 'etc');
  expect(() => requireDirectory(at, 'dev')).toThrow(expect.objectContaining({ code: 'root-incomplete' }));
  for (const path of ['out', 'inner', 'etc/passwd']) expect(() => requireDirectory(at, path)).toThrow(unsafe);
});

test('a directory is allowed', () => {
  const at = root();
  allowDirectory(at, 'etc');
  allowDirectory(at, 'usr/local/etc');
  for (const path of ['out', 'inner', 'etc/passwd']) expect(() => allowDirectory(at, path)).toThrow(unsafe);
});

test('only a regular file within the limit is read', () => {
  const at = root();
  expect(readInside(at, 'etc/passwd', 4)?.toString()).toBe('root');
  expect(readInside(at, 'etc/passwd', 3)).toBeUndefined();
  writeFileSync(join(at, 'etc/holes'), '');
  truncateSync(join(at, 'etc/holes'), 1024 ** 4);
  expect(readInside(at, 'etc/holes', 1024 ** 3)).toBeUndefined();
  for (const path of ['etc', 'etc/fifo', 'etc/out', 'etc/none']) {
    expect(readInside(at, path, 100)).toBeUndefined();
  }
});

test('something is done within a directory, which is made where it is missing', () => {
  const at = root();
  const before = cwd();
  expect(withinDirectory(at, 'etc', cwd)).toBe(join(at, 'etc'));
  expect(withinDirectory(at, '/usr//local/etc/', cwd)).toBe(join(at, 'usr/local/etc'));
  expect(statSync(join(at, 'usr')).mode & 0o022).toBe(0);
  expect(withinDirectory(at, '', cwd)).toBe(at);
  expect(cwd()).toBe(before);
});

test.each([
  'out',
  'inner',
  'etc/out',
  'etc/passwd',
  'etc/fifo',
  'out/deeper',
  'inner/deeper',
  'etc/passwd/x',
])('nothing is done within %s', (path) => {
  const at = root();
  const before = cwd();
  const action = (): never => {
    throw new Error('it was done');
  };
  expect(() => withinDirectory(at, path, action)).toThrow(unsafe);
  expect(readdirSync(join(at, 'out'))).toEqual(['secret']);
  expect(readdirSync(join(at, 'etc')).sort()).toEqual(['fifo', 'out', 'passwd']);
  expect(cwd()).toBe(before);
});

test('what a jail swaps while something is done there is another directory', () => {
  const at = root();
  withinDirectory(at, 'etc', () => {
    renameSync(join(at, 'etc'), join(at, 'moved'));
    symlinkSync('out', join(at, 'etc'));
    writeFileSync('new', 'new');
  });
  expect(readdirSync(join(at, 'moved'))).toContain('new');
  expect(readdirSync(join(at, 'out'))).toEqual(['secret']);
});

test('a failure is passed on, from where it began', () => {
  const at = root();
  const before = cwd();
  const failing = (): never => {
    throw new Error('no space');
  };
  expect(() => withinDirectory(at, 'etc', failing)).toThrow('no space');
  expect(cwd()).toBe(before);
  expect(() => withinDirectory(join(at, 'none'), 'etc', failing)).toThrow('ENOENT');
  expect(cwd()).toBe(before);
  expect(withinExisting(join(at, 'none'), 'etc', failing)).toBeUndefined();
  expect(withinExisting(at, 'none', failing)).toBeUndefined();
  expect(lookInside(join(at, 'none'), 'etc/passwd')).toBeUndefined();
});

test('no .. is a way', () => {
  const at = root();
  for (const path of ['../etc', 'etc/..', 'etc/../../x']) {
    for (const look of [lookInside, requireDirectory, allowDirectory, withinDirectory, withinExisting])
      expect(() => look(at, path, cwd)).toThrow(unsafe);
    expect(() => readInside(at, path, 9)).toThrow(unsafe);
  }
});

test('what is to be mounted has a place without links, or one of the host', () => {
  const at = root();
  for (const path of [at, `${at}/etc`, `${at}/none/deeper`, `${at}x/etc`, '/tmp', 'none', 'legacy'])
    requirePlace(at, path);
  for (const path of ['out', 'out/deeper', 'inner', 'inner/deeper', 'etc/passwd', 'etc/out/x'])
    expect(() => requirePlace(at, join(at, path))).toThrow(unsafe);
});

test('a working directory that is gone is no obstacle', () => {
  const at = root();
  const before = cwd();
  const gone = temporaryDirectory();
  chdir(gone);
  try {
    // Node knows its name by now, and does not notice.
    expect(cwd()).toBe(gone);
    rmSync(gone, { recursive: true });
    for (let again = 0; again < 2; again += 1) {
      expect(withinDirectory(at, 'etc', cwd)).toBe(join(at, 'etc'));
      expect(cwd()).toBe('/');
    }
  } finally {
    chdir(before);
  }
});

test('where the host has a symlink on the way to a root, a path leads into it all the same', () => {
  const at = root();
  const link = join(temporaryDirectory(), 'jails');
  symlinkSync(dirname(at), link);
  const other = join(link, basename(at));
  expect(pathInside(at, other)).toBe('');
  expect(pathInside(at, join(other, 'etc/new'))).toBe('/etc/new');
  // What is behind the root is the jail's, and not followed.
  expect(pathInside(at, join(other, 'out/x'))).toBe('/out/x');
  expect(pathInside(at, `${other}2/etc`)).toBeUndefined();
  for (const elsewhere of ['/', '/usr', 'none', 'legacy', ''])
    expect(pathInside(at, elsewhere)).toBeUndefined();
  requirePlace(at, join(other, 'etc'));
  expect(() => requirePlace(at, join(other, 'out'))).toThrow(unsafe);
});
