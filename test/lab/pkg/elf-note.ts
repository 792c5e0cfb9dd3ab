import { closeSync, openSync, readFileSync } from 'node:fs';
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

/** Reads FreeBSD's ABI note of an ELF file; undefined where there is none. */
export function readElfAbi(path: string): ElfAbi | undefined {
  let file: Buffer;
  try {
    closeSync(openSync(path, 'r'));
    file = readFileSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR', 'ELOOP'].includes(errorCode(error))) return undefined;
    throw error;
  }
  if (file.length < 64 || file.toString('latin1', 0, 4) !== '\x7fELF' || file[4] !== 2 || file[5] !== 1) {
    return undefined;
  }
  const machine = MACHINES[file.readUInt16LE(18)];
  const sections = Number(file.readBigUInt64LE(40));
  const entrySize = file.readUInt16LE(58);
  const programs = Number(file.readBigUInt64LE(32));
  const programSize = file.readUInt16LE(54);
  const ranges: [number, number][] = [];
  for (let index = 0; index < file.readUInt16LE(56); index += 1) {
    const at = programs + index * programSize;
    if (at + 40 > file.length || file.readUInt32LE(at) !== 4) continue;
    ranges.push([Number(file.readBigUInt64LE(at + 8)), Number(file.readBigUInt64LE(at + 32))]);
  }
  for (let index = 0; index < file.readUInt16LE(60); index += 1) {
    const at = sections + index * entrySize;
    if (at + 40 > file.length || file.readUInt32LE(at + 4) !== 7) continue;
    ranges.push([Number(file.readBigUInt64LE(at + 24)), Number(file.readBigUInt64LE(at + 32))]);
  }
  for (const [start, length] of ranges) {
    const osVersion = noteVersion(file.subarray(start, start + length));
    if (osVersion !== undefined && machine !== undefined) return { osVersion, machine };
  }
  return undefined;
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
