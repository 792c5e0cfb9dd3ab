import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Broken, type ElfFile, readElf } from '../../src/elf/read-elf.ts';
import { manyRuns } from '../parsers/mutated.ts';
import { amd64, elfFile } from './elf-file.ts';

function read(file: Buffer): ElfFile | Broken | undefined {
  return readElf((offset, length) => file.subarray(offset, offset + length), file.length);
}

/** What the note says, and for which machine. */
function noted(file: Buffer): [number | undefined, string | undefined] | undefined {
  const elf = read(file);
  return elf === undefined || 'broken' in elf ? undefined : [elf.osversion, elf.machine];
}

const everything = elfFile({
  ...amd64,
  osversion: 1401000,
  interpreter: '/libexec/ld-elf.so.1',
  needed: ['libc.so.7', 'libm.so.5'],
  soname: 'libx.so.1',
  rpath: '/usr/local/lib/x',
  runpath: '$ORIGIN/../lib',
  onlyItsPath: true,
  versionsNeeded: { 'libc.so.7': ['FBSD_1.0', 'FBSD_1.7'], 'libm.so.5': ['FBSD_1.0'] },
  weakVersions: ['FBSD_1.7'],
  versionsDefined: ['libx.so.1', 'X_1.0', 'X_1.1'],
});

describe('what an ELF file says', () => {
  test.each([
    ['amd64', 62, true, true],
    ['i386', 3, false, true],
    ['aarch64', 183, true, true],
    ['armv7', 40, false, true],
    ['powerpc', 20, false, false],
    ['powerpc64', 21, true, false],
    ['powerpc64le', 21, true, true],
    ['riscv64', 243, true, true],
  ])('a file for %s', (name, machine, wide, little) => {
    const content = { machine, wide, little, osversion: 1302001, needed: ['libc.so.7'], soname: 'libx.so' };
    expect(read(elfFile(content))).toMatchObject({
      osversion: 1302001,
      machine: name,
      dynamic: { needed: ['libc.so.7'], soname: 'libx.so' },
    });
  });

  test('all that a dynamic linker reads', () => {
    expect(read(everything)).toEqual({
      ...amd64,
      machineNumber: 62,
      machine: 'amd64',
      osAbi: 9,
      loadable: true,
      interpreter: '/libexec/ld-elf.so.1',
      osversion: 1401000,
      dynamic: {
        needed: ['libc.so.7', 'libm.so.5'],
        soname: 'libx.so.1',
        rpath: '/usr/local/lib/x',
        runpath: '$ORIGIN/../lib',
        onlyItsPath: true,
        versionsNeeded: [
          { library: 'libc.so.7', version: 'FBSD_1.0', weak: false },
          { library: 'libc.so.7', version: 'FBSD_1.7', weak: true },
          { library: 'libm.so.5', version: 'FBSD_1.0', weak: false },
        ],
        versionsDefined: ['libx.so.1', 'X_1.0', 'X_1.1'],
      },
    });
  });

  test.each([
    ['the note of another system', { owner: 'NetBSD\0' }],
    ['another note of FreeBSD', { type: 2 }],
  ])('%s is not that of FreeBSD', (_what, note) => {
    expect(noted(elfFile({ ...amd64, osversion: 1401000, ...note }))).toEqual([undefined, 'amd64']);
  });

  test.each([
    ['a script', Buffer.from(`#!/bin/sh\n${' '.repeat(100)}`)],
    ['an empty file', Buffer.alloc(0)],
    ['three letters of the four', Buffer.from([0x7f, 0x45, 0x4c])],
  ])('%s is none', (_what, file) => {
    expect(read(file)).toBeUndefined();
  });
});

describe('made to do harm', () => {
  test('a file that ends anywhere is broken, and nothing is thrown', () => {
    for (let length = 4; length < everything.length; length += 1)
      expect(read(everything.subarray(0, length)), `${length} bytes`).toHaveProperty('broken');
  });

  test('whatever bytes are changed, nothing is thrown, and nothing is said that is not in the file', () => {
    const change = fc.tuple(
      fc.nat(everything.length - 1),
      fc.constantFrom(0, 1, 2, 4, 0x7f, 0x80, 0xfe, 0xff),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 24 }), (changes) => {
        const file = Buffer.from(everything);
        for (const [at, value] of changes) file[at] = value;
        const elf = read(file);
        if (elf === undefined || 'broken' in elf) return;
        const { needed = [], soname, versionsDefined = [] } = elf.dynamic ?? {};
        for (const text of [...needed, ...versionsDefined, soname ?? ''])
          expect(file.includes(Buffer.from(`${text}\0`)) || text.includes('\uFFFD'), text).toBe(true);
      }),
      { numRuns: manyRuns },
    );
  });

  test('any bytes behind the magic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const elf = read(Buffer.concat([everything.subarray(0, 7), bytes]));
        expect(elf).toBeDefined();
      }),
      { numRuns: manyRuns },
    );
  });

  test.each<[string, (file: Buffer) => void]>([
    ['65,535 program headers', (file) => file.writeUInt16LE(0xffff, 56)],
    [
      'a hundred headers that each lead through the whole file',
      (file) => {
        file.writeUInt16LE(100, 56);
        for (let at = 64; at < 64 + 100 * 56; at += 56) {
          file.writeUInt32LE(4, at);
          file.writeBigUInt64LE(6000n, at + 8);
          file.writeBigUInt64LE(BigInt(file.length - 6000), at + 32);
        }
      },
    ],
    ['a dynamic section that is the whole file', (file) => largeDynamic(file, file.length - 4096)],
    ['a dynamic section of nothing but libraries', (file) => largeDynamic(file, 64 * 1024)],
  ])('%s is given up at once', (_what, plant) => {
    const file = Buffer.alloc(16 * 1024 * 1024, 1);
    everything.copy(file, 0, 0, 64);
    plant(file);
    const before = performance.now();
    expect(read(file)).toBeDefined();
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

test('program headers that no file has are not read', () => {
  const file = Buffer.alloc(16 * 1024 * 1024, 1);
  everything.copy(file, 0, 0, 64);
  file.writeUInt16LE(0xffff, 56);
  expect(read(file)).toEqual({ broken: 'it has 65535 program headers' });
});

test('texts that are long, and many, are not all read', () => {
  const file = Buffer.alloc(16 * 1024 * 1024, 1);
  everything.copy(file, 0, 0, 64);
  largeDynamic(file, 64 * 1024);
  for (let at = 1024 * 1024; at < file.length; at += 10_000) file[at] = 0;
  expect(read(file)).toEqual({ broken: 'its tables have no end' });
});

/** One loaded segment, and a dynamic section in it whose every entry is a library with a long name. */
function largeDynamic(file: Buffer, length: number): void {
  file.writeUInt16LE(2, 56);
  for (const [index, type] of [1, 2].entries()) {
    const at = 64 + index * 56;
    file.writeUInt32LE(type, at);
    file.writeBigUInt64LE(type === 1 ? 0n : 4096n, at + 8);
    file.writeBigUInt64LE(0n, at + 16);
    file.writeBigUInt64LE(BigInt(type === 1 ? file.length : length), at + 32);
  }
  for (let at = 4096; at + 16 <= 4096 + length; at += 16) {
    file.writeBigUInt64LE(1n, at);
    file.writeBigUInt64LE(BigInt(at), at + 8);
  }
  file.writeBigUInt64LE(5n, 4096);
  file.writeBigUInt64LE(BigInt(1024 * 1024), 4104);
  file.writeBigUInt64LE(10n, 4112);
  file.writeBigUInt64LE(BigInt(8 * 1024 * 1024), 4120);
}
