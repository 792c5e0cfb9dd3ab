import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requireNoWayOut } from '../../src/host/root-links.ts';
import { temporaryDirectory } from './temporary.ts';

function root(): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'usr/local/share'), { recursive: true });
  writeFileSync(join(directory, 'usr/local/share/file'), 'x');
  return directory;
}

const unsafe = expect.objectContaining({ code: 'root-unsafe', outcome: 'refused' });

test.each([
  ['a relative link within', '../usr/local', 'home'],
  ['one that goes through the root', '../../usr', 'usr/local/deep'],
  ['a link to nothing', '/nonexistent/at/all', 'link'],
  ['a link to a file of the host, which is replaced', '/etc/passwd', 'link'],
  ['a link in a circle', 'link', 'link'],
])('%s', (_what, target, link) => {
  const at = root();
  if (link === 'home') symlinkSync('usr/local', join(at, link));
  else symlinkSync(target, join(at, link));
  expect(() => requireNoWayOut(at)).not.toThrow();
});

test.each([
  ['an absolute link', '/usr', 'usr/local/bin'],
  ['a relative one that climbs out', '../../../../../../../../usr', 'usr/local/bin'],
  ['one to the root of the host', '/', 'all'],
  ['one to a neighbour whose name begins alike', undefined, 'next'],
])('%s leads out', (_what, target, link) => {
  const at = root();
  if (target === undefined) mkdirSync(`${at}-next`);
  symlinkSync(target ?? `${at}-next`, join(at, link));
  expect(() => requireNoWayOut(at)).toThrow(unsafe);
});

test('a chain of links is followed to its end', () => {
  const [at, other] = [root(), root()];
  symlinkSync(other, join(at, 'usr/one'));
  symlinkSync('usr/one', join(at, 'two'));
  expect(() => requireNoWayOut(at)).toThrow(unsafe);
});

test('a root behind a link is its own', () => {
  const [at, link] = [root(), join(temporaryDirectory(), 'root')];
  symlinkSync('usr/local', join(at, 'home'));
  symlinkSync(at, link);
  expect(() => requireNoWayOut(link)).not.toThrow();
});

test('a directory whose name is no text is looked through as any other', () => {
  const at = root();
  const latin = Buffer.concat([Buffer.from(join(at, 'caf')), Buffer.from([0xe9])]);
  mkdirSync(latin);
  expect(() => requireNoWayOut(at)).not.toThrow();
  symlinkSync('/usr', Buffer.concat([latin, Buffer.from('/link')]));
  expect(() => requireNoWayOut(at)).toThrow(unsafe);
});
