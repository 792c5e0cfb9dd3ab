/** What an ELF file needs before it runs, and what it gives to others. */
export interface ElfNeeds {
  /** The program interpreter, of programs. */
  interpreter: string | undefined;
  needed: string[];
  soname: string | undefined;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;
const DT_SONAME = 14n;

interface Segment {
  type: number;
  offset: number;
  address: number;
  size: number;
}

/** Reads an ELF file's dynamic section; undefined for anything that is no 64-bit little-endian ELF. */
export function readElf(file: Buffer): ElfNeeds | undefined {
  if (file.length < 64 || file.toString('latin1', 0, 4) !== '\x7fELF' || file[4] !== 2 || file[5] !== 1) {
    return undefined;
  }
  const segments = readSegments(file);
  const interpreter = segments.find((segment) => segment.type === PT_INTERP);
  const found: ElfNeeds = {
    interpreter: interpreter === undefined ? undefined : textAt(file, interpreter.offset),
    needed: [],
    soname: undefined,
  };
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  if (dynamic === undefined) return found;
  const entries: [bigint, number][] = [];
  for (let at = dynamic.offset; at + 16 <= dynamic.offset + dynamic.size; at += 16) {
    entries.push([file.readBigUInt64LE(at), Number(file.readBigUInt64LE(at + 8))]);
  }
  const table = entries.find(([tag]) => tag === DT_STRTAB)?.[1];
  if (table === undefined) return found;
  const strings = offsetOf(segments, table);
  for (const [tag, value] of entries) {
    if (tag === DT_NEEDED) found.needed.push(textAt(file, strings + value));
    if (tag === DT_SONAME) found.soname = textAt(file, strings + value);
  }
  return found;
}

function readSegments(file: Buffer): Segment[] {
  const start = Number(file.readBigUInt64LE(32));
  const size = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = start + index * size;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      size: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

function offsetOf(segments: readonly Segment[], address: number): number {
  for (const segment of segments) {
    const inside = address - segment.address;
    if (segment.type === PT_LOAD && inside >= 0 && inside < segment.size) return segment.offset + inside;
  }
  return 0;
}

function textAt(file: Buffer, at: number): string {
  return file.toString('latin1', at, file.indexOf(0, at));
}
