import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { hostKernel, machineOf, readAbi, requireNotNewer } from '../../src/jail/abi.ts';
import { parseUserland } from '../../src/jail/userland.ts';
import { elfFile } from '../elf/elf-file.ts';
import { scripted } from '../host/scripted.ts';
import { temporaryDirectory } from '../host/temporary.ts';

const amd64 = elfFile({ machine: 62, wide: true, little: true, osversion: 1401000 });
const aarch64 = elfFile({ machine: 183, wide: true, little: true, osversion: 1500068 });
const jail = { abi: 'FreeBSD:14:amd64', osversion: 1401000, machine: 'amd64' };

function root(files: Readonly<Record<string, Buffer>>): string {
  const directory = temporaryDirectory();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

test('uname is asked before sh', () => {
  expect(readAbi(root({ 'usr/bin/uname': amd64, 'bin/sh': aarch64 }))).toEqual(jail);
});

test('sh is asked where uname says nothing', () => {
  const files = { 'usr/bin/uname': Buffer.from('#!/bin/sh\n'), 'bin/sh': aarch64 };
  expect(readAbi(root(files))).toEqual({ abi: 'FreeBSD:15:aarch64', osversion: 1500068, machine: 'aarch64' });
});

test('a big file behind an absolute link is read', () => {
  const big = Buffer.concat([amd64, Buffer.alloc(3 * 1024 * 1024)]);
  const at = root({ 'bin/busybox': big });
  symlinkSync('/bin/busybox', join(at, 'bin/sh'));
  expect(readAbi(at)).toEqual(jail);
});

test('the file of the host behind an absolute link is not read', () => {
  const outside = root({ sh: amd64 });
  const at = root({ 'bin/x': Buffer.alloc(0) });
  symlinkSync(join(outside, 'sh'), join(at, 'bin/sh'));
  expect(() => readAbi(at)).toThrow(expect.objectContaining({ code: 'abi-unreadable', outcome: 'refused' }));
});

test('neither a FIFO nor an endless file holds it up', () => {
  const at = root({ 'bin/sh': amd64, 'usr/bin/x': Buffer.alloc(0) });
  truncateSync(join(at, 'bin/sh'), 2 ** 40);
  execFileSync('mkfifo', [join(at, 'usr/bin/uname')]);
  expect(readAbi(at)).toEqual(jail);
});

test('an empty root is told', () => {
  expect(() => readAbi(root({}))).toThrow(/neither .*uname nor .*sh says/);
});

test.each([
  ['amd64 i386\n', ['amd64', 'i386']],
  ['amd64\n', ['amd64']],
  ['i386 \n', ['amd64', 'i386']],
  ['', ['amd64']],
])('the kernel, which runs %j', async (runs, machines) => {
  const { run, calls } = scripted({ sysctl: { stdout: `1401000\namd64\n${runs}` } });
  expect(await hostKernel(run)).toEqual({ osreldate: 1401000, machine: 'amd64', machines });
  expect(calls).toEqual(['sysctl -in kern.osreldate hw.machine_arch kern.supported_archs']);
});

test.each(['', '\n', 'amd64\n1401000\n', '1401000\n', '1401000\namd64\namd64\namd64\n'])(
  'a kernel that says %j',
  async (stdout) => {
    await expect(hostKernel(scripted({ sysctl: { stdout } }).run)).rejects.toMatchObject({
      code: 'kernel-unreadable',
    });
  },
);

test.each([
  ['as new as the kernel', 1401000],
  ['older', 1302001],
  ['newer by a patch', 1401502],
])('a base %s runs', (_what, osversion) => {
  const kernel = { osreldate: 1401000, machine: 'amd64', machines: ['amd64'] };
  expect(() => requireNotNewer({ ...jail, osversion }, undefined, kernel)).not.toThrow();
});

test.each([
  ['a newer base', 1401000, undefined, 1400097],
  ['a base of the next major version', 1500068, undefined, 1403000],
  ['one half updated to a newer release', 1401000, '14.2-RELEASE', 1401000],
])('%s is refused', (_what, osversion, version, osreldate) => {
  const userland = version === undefined ? undefined : parseUserland(`USERLAND_VERSION="${version}"`);
  const kernel = { osreldate, machine: 'amd64', machines: ['amd64'] };
  const check = () => requireNotNewer({ ...jail, osversion }, userland, kernel);
  expect(check).toThrow(expect.objectContaining({ code: 'jail-newer-than-kernel', outcome: 'refused' }));
});

test('the machine of an ABI', () => {
  expect(machineOf('FreeBSD:14:aarch64')).toBe('aarch64');
});
