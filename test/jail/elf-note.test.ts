import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freebsdNote } from '../../src/jail/elf-note.ts';
import { elfFile } from './elf-file.ts';

const amd64 = { machine: 62, wide: true, little: true, osversion: 1401000 };

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
  const elf = elfFile({ machine, wide, little, osversion: 1302001 });
  expect(freebsdNote(elf)).toEqual({ osversion: 1302001, machine: name });
});

test.each([
  ['the note of another system', elfFile({ ...amd64, owner: 'NetBSD\0' })],
  ['another note of FreeBSD', elfFile({ ...amd64, type: 2 })],
  ['an unknown machine', elfFile({ ...amd64, machine: 9999 })],
  ['a script', Buffer.from(`#!/bin/sh\n${' '.repeat(100)}`)],
  ['an empty file', Buffer.alloc(0)],
  ['only the magic', Buffer.from([0x7f, 0x45, 0x4c, 0x46])],
  ['zeros', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]), Buffer.alloc(100)])],
])('%s says nothing', (_what, elf) => {
  expect(freebsdNote(elf)).toBeUndefined();
});

test('a file that ends anywhere says nothing, and nothing is thrown', () => {
  const whole = elfFile(amd64);
  for (let length = 0; length < whole.length; length += 1) {
    expect(freebsdNote(whole.subarray(0, length))).toBeUndefined();
  }
});

test('whatever bytes are changed, nothing is thrown', () => {
  const change = fc.tuple(fc.nat(elfFile(amd64).length - 1), fc.constantFrom(0, 1, 2, 4, 0x7f, 0x80, 0xff));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 24 }), (changes) => {
      const elf = elfFile(amd64);
      for (const [at, value] of changes) elf[at] = value;
      freebsdNote(elf);
    }),
    { numRuns: 3000 },
  );
});

test('a file made to be read for hours is given up at once', () => {
  const elf = Buffer.alloc(16 * 1024 * 1024);
  elfFile(amd64).copy(elf, 0, 0, 64);
  elf.writeUInt16LE(0xffff, 56);
  for (let index = 0; index < 0xffff; index += 1) {
    const header = 64 + index * 56;
    elf.writeUInt32LE(4, header);
    elf.writeBigUInt64LE(4_000_000n, header + 8);
    elf.writeBigUInt64LE(12_000_000n, header + 32);
  }
  const before = performance.now();
  expect(freebsdNote(elf)).toBeUndefined();
  expect(performance.now() - before).toBeLessThan(1000);
});
