import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allowDirectory, lookInside, readInside, requireDirectory } from '../../src/host/inside-root.ts';
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
  for (const path of ['etc', 'etc/fifo', 'etc/out', 'etc/none']) {
    expect(readInside(at, path, 100)).toBeUndefined();
  }
});
