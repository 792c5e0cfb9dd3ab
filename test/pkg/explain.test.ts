import { expect, test } from 'vitest';
import type { Finished } from '../../src/host/run.ts';
import { explain, wayOut } from '../../src/pkg/explain.ts';
import { transcript } from './transcript.ts';

const finished = (over: Partial<Finished>): Finished => ({
  command: ['pkg'],
  status: 1,
  stdout: '',
  stderr: '',
  hung: false,
  ...over,
});

test.each([
  ['unknown', 'install -y -- tiny nosuch', 'package-unknown', /matching 'nosuch'/],
  // What follows from the first failure must not hide it.
  ['no-nobody', 'install -y -- tiny', 'nobody-missing', /no 'nobody' user/],
  ['server-down', 'install -y hello', 'repository-unreachable', /Connection refused/],
  ['server-down', 'install -yU hello', 'catalogue-unusable', /Repository lab cannot be opened/],
  ['locked', 'install -yf tiny', 'package-locked', /tiny-1.0 is locked/],
  ['locked', 'delete -y tiny', 'package-locked', /tiny \(locked\)/],
  ['vital', 'delete -y vital', 'package-locked', /vital \(vital\)/],
])('recorded: %s, %s', (name, verb, code, message) => {
  const explanation = explain(finished(transcript(name, verb)));
  expect(explanation.code).toBe(code);
  expect(explanation.message).toMatch(message);
  expect(explanation.hint).not.toBe('');
});

test.each([
  ['pkg: Not enough space in /var/cache/pkg, needed 96 MiB available 18 MiB', 'no-space'],
  ['pkg: database or disk is full', 'no-space'],
  [
    'pkg: Cannot get an advisory lock on a database, it is locked by another process',
    'package-database-locked',
  ],
  ['pkg: wrong architecture: FreeBSD:14:aarch64 instead of FreeBSD:14:amd64', 'abi-mismatch'],
  ['pkg: Newer FreeBSD version for package tiny:', 'abi-mismatch'],
  ['pkg: Invalid signature, removing repository.', 'signature-invalid'],
  ['pkg: No active remote repositories configured.', 'repository-missing'],
  ['pkg: tiny-1.0 failed checksum from repository', 'package-damaged'],
  ['pkg: fetch size does not match expected package size', 'package-damaged'],
  ['pkg: http://127.0.0.1/All/tiny-1.0.pkg: Not Found', 'repository-unreachable'],
  ['pkg: http://127.0.0.1/repo/data.pkg: Internal Server Error', 'repository-unreachable'],
  ['pkg: https://pkg.example.org/repo/meta.txz: Forbidden', 'repository-unreachable'],
  ['pkg: An error occured while fetching package: Could not resolve host', 'repository-unreachable'],
  ['pkg: Failed to fetch http://packages.test/meta.conf: response code 502', 'repository-unreachable'],
  ['Unable to update repository lab', 'catalogue-unusable'],
  ['pkg: zz is not installed, therefore upgrade is impossible', 'package-not-installed'],
  ['something else', 'pkg-failed'],
  ['', 'pkg-failed'],
])('%s', (stderr, code) => expect(explain(finished({ stderr })).code).toBe(code));

test.each([9, 19])('status %i without a word: the server broke the connection off', (status) => {
  const stdout = 'Updating lab repository catalogue...\nlab repository is up to date.\n';
  const explanation = explain(finished({ status, stdout }));
  expect(explanation.code).toBe('repository-unreachable');
  expect(explanation.message).toContain(`status ${status} `);
});

test('what pkg printed of its progress is no reason', () => {
  const explanation = explain(finished({ status: 3, stdout: 'Updating lab repository catalogue...\n' }));
  expect(explanation.code).toBe('pkg-failed');
  expect(explanation.message).not.toContain('Updating');
});

test('an install that asks no repository at all has none', () => {
  const stderr =
    "pkg: No packages available to install matching 'tiny' have been found in the repositories\n";
  const code = (...command: string[]) => explain(finished({ command: ['pkg', ...command], stderr })).code;
  expect(code('install', '-Fy', '--', 'tiny')).toBe('repository-missing');
  expect(code('install', '-nUy', '--', 'tiny')).toBe('package-unknown');
  expect(code('install', '-yU', '--', 'tiny')).toBe('package-unknown');
});

test('pkg is named once', () => {
  expect(explain(finished({ stderr: 'pkg: odd\n' })).message).toBe('pkg: odd');
  expect(explain(finished({ stderr: 'pkg: tiny is locked and may not be modified' })).message).not.toMatch(
    /pkg: pkg:/,
  );
});

test('silence and absence have words of their own', () => {
  expect(explain(finished({ hung: true, stderr: 'pkg: Not Found' })).code).toBe('pkg-hung');
  expect(explain(finished({ status: 127 })).message).toContain('not found');
});

test.each([
  ['Impossible to merge configuration file: /etc/syslog.conf', /-o AUTOMERGE=no .*\.pkgnew/],
  ['Unable to merge configuration file: /etc/syslog.conf', /-o AUTOMERGE=no .*\.pkgnew/],
  ['late: Proxy Authentication Required', /no password of a proxy/],
])('there is a way out of: %s', (said, way) => {
  expect(wayOut(['x: POST-INSTALL script failed', `base: ${said}`])).toMatch(way);
});

test('of nothing else a way out is known', () => {
  expect(wayOut(['x: POST-INSTALL script failed'])).toBeUndefined();
});
