import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { halfUpdated, parseUserland, readUserland } from '../../src/jail/userland.ts';
import { temporaryDirectory } from '../host/temporary.ts';

const script = (version: string): string =>
  `#!/bin/sh\n#-\n# Copyright\nset -e\n\nUSERLAND_VERSION="${version}"\n\n: \${LOADER_DIR:=$ROOT/boot}\n`;

function root(): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'bin'));
  return directory;
}

test.each([
  ['14.1-RELEASE', 1401],
  ['14.1-RELEASE-p5', 1401],
  ['13.2-RELEASE-p11', 1302],
  ['15.0-CURRENT', undefined],
  ['14.2-PRERELEASE', undefined],
  ['14.2-BETA1', undefined],
  ['14.1-STABLE', undefined],
  ['14.1-RELEASE-mine', undefined],
])('%s', (version, release) => {
  expect(parseUserland(script(version))).toEqual({ version, release });
});

test.each([
  '',
  '14',
  '14.1',
  '14.1-RELEASE$(reboot)',
  '14.1-RELEASE\u001b[2J',
  '$VERSION',
  `14.1-${'R'.repeat(100)}`,
])('%j is no version', (version) => {
  expect(parseUserland(script(version))).toBeUndefined();
});

test('what stands elsewhere in the script is not taken for it', () => {
  expect(parseUserland('# USERLAND_VERSION="14.1-RELEASE"\necho USERLAND_VERSION="14.1-RELEASE"\n')).toBe(
    undefined,
  );
});

test('it is read and not run, as the jail sees it', () => {
  const at = root();
  expect(readUserland(at)).toBeUndefined();
  mkdirSync(join(at, 'base'));
  writeFileSync(join(at, 'base/freebsd-version'), script('14.1-RELEASE'));
  symlinkSync('/base/freebsd-version', join(at, 'bin/freebsd-version'));
  expect(readUserland(at)?.version).toBe('14.1-RELEASE');
});

test('the file of the host behind an absolute link is not read', () => {
  const outside = root();
  writeFileSync(join(outside, 'freebsd-version'), script('14.1-RELEASE'));
  const at = root();
  symlinkSync(join(outside, 'freebsd-version'), join(at, 'bin/freebsd-version'));
  expect(readUserland(at)).toBeUndefined();
});

test('neither an endless file nor a FIFO holds it up', () => {
  const endless = root();
  writeFileSync(join(endless, 'bin/freebsd-version'), script('14.1-RELEASE'));
  truncateSync(join(endless, 'bin/freebsd-version'), 2 ** 40);
  expect(readUserland(endless)).toBeUndefined();
  const fifo = root();
  execFileSync('mkfifo', [join(fifo, 'bin/freebsd-version')]);
  expect(readUserland(fifo)).toBeUndefined();
});

test.each([
  ['of one release', '14.1-RELEASE-p5', 1401000, undefined],
  ['of one release, patched', '14.1-RELEASE', 1401502, undefined],
  ['of which nothing is said', undefined, 1401000, undefined],
  ['before a release, when the branch is called by the next', '14.2-PRERELEASE', 1401503, undefined],
  ['half updated', '14.2-RELEASE-p1', 1401000, /14\.2-RELEASE-p1.*built for 14\.1 \(1401000\)/],
  ['half updated the other way round', '13.2-RELEASE', 1401000, /13\.2-RELEASE.*built for 14\.1/],
])('a base %s', (_what, version, osversion, told) => {
  const userland = version === undefined ? undefined : parseUserland(script(version));
  const said = halfUpdated({ abi: 'FreeBSD:14:amd64', osversion, machine: 'amd64' }, userland);
  if (told === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(told);
});
