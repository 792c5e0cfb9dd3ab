import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { errorCode } from './write.ts';

/** The system that a program was built for, from its note. */
export interface ElfAbi {
  osVersion: number;
  machine: string;
}

const MACHINES: Record<number, string> = {
  62: 'amd64',
  183: 'aarch64',
  243: 'riscv64',
  3: 'i386',
  40: 'armv7',
};

const programNote = 4;
const sectionNote = 7;
const longestNotes = 64 * 1024;

/** Reads FreeBSD's ABI note of an ELF file; undefined where there is none. */
export function readElfAbi(path: string): ElfAbi | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(errorCode(error))) return undefined;
    throw error;
  }
  try {
    return fstatSync(file).isFile() ? readNote(file) : undefined;
  } finally {
    closeSync(file);
  }
}

/** Only the header, the tables and the notes are read: whole, the jail's programs take longer than all the rest. */
function readNote(file: number): ElfAbi | undefined {
  const header = part(file, 0, 64);
  if (header.length < 64 || header.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  if (header[4] !== 2 || header[5] !== 1) return undefined;
  const machine = MACHINES[header.readUInt16LE(18)];
  if (machine === undefined) return undefined;
  for (const [at, length] of noteRanges(file, header)) {
    const osVersion = noteVersion(part(file, at, length));
    if (osVersion !== undefined) return { osVersion, machine };
  }
  return undefined;
}

/** Where the notes lie and how long they are: by the program headers, then, where those have none, by the sections. */
function* noteRanges(file: number, header: Buffer): Generator<[number, number]> {
  const number = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
  const programs = table(file, number(header, 32), header.readUInt16LE(54), header.readUInt16LE(56));
  for (const entry of programs) {
    if (entry.readUInt32LE(0) === programNote) yield [number(entry, 8), number(entry, 32)];
  }
  const sections = table(file, number(header, 40), header.readUInt16LE(58), header.readUInt16LE(60));
  for (const entry of sections) {
    if (entry.readUInt32LE(4) === sectionNote) yield [number(entry, 24), number(entry, 32)];
  }
}

/** The entries that lie in the file whole and hold what is read of them. */
function table(file: number, at: number, entrySize: number, count: number): Buffer[] {
  const bytes = part(file, at, entrySize * count);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * entrySize, (index + 1) * entrySize),
  ).filter((entry) => entry.length >= 40);
}

function part(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.min(length, longestNotes));
  return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, at));
}

function noteVersion(notes: Buffer): number | undefined {
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameSize = notes.readUInt32LE(at);
    const descSize = notes.readUInt32LE(at + 4);
    const type = notes.readUInt32LE(at + 8);
    const desc = at + 12 + padded(nameSize);
    const name = notes.toString('latin1', at + 12, at + 12 + Math.max(0, nameSize - 1));
    if (name === 'FreeBSD' && type === 1 && desc + 4 <= notes.length) return notes.readUInt32LE(desc);
    at = desc + padded(descSize);
  }
  return undefined;
}

function padded(size: number): number {
  return (size + 3) & ~3;
}
