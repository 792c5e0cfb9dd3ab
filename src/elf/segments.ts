import type { ElfBytes } from './bytes.ts';
import { Malformed } from './malformed.ts';

/** A program header of elf(5). */
export interface Segment {
  type: number;
  /** Where it lies in the file, in bytes, and how many. */
  offset: number;
  length: number;
  /** Where it lies in memory. */
  address: number;
}

/** p_type of elf(5). */
export const segmentType = { load: 1, dynamic: 2, interpreter: 3, note: 4 } as const;

// Real files have about ten. FreeBSD's kernel and rtld(1) require that they lie in the first page.
const mostSegments = 128;

/** Reads the program headers. Throws `Malformed`. */
export function readSegments(bytes: ElfBytes): Segment[] {
  const { wide } = bytes;
  const table = bytes.address(wide ? 32 : 28);
  const size = bytes.half(wide ? 54 : 42);
  const count = bytes.half(wide ? 56 : 44);
  if (count === 0) return [];
  if (count > mostSegments) throw new Malformed(`it has ${count} program headers`);
  if (size < (wide ? 56 : 32)) throw new Malformed(`its program headers have ${size} bytes`);
  return Array.from({ length: count }, (_, index) => readSegment(bytes, table + index * size));
}

function readSegment(bytes: ElfBytes, at: number): Segment {
  const { wide } = bytes;
  return {
    type: bytes.word(at),
    offset: bytes.address(at + (wide ? 8 : 4)),
    address: bytes.address(at + (wide ? 16 : 8)),
    length: bytes.address(at + (wide ? 32 : 16)),
  };
}

/** Where an address of memory lies in the file. Throws `Malformed` where no segment has it. */
export function offsetOf(segments: readonly Segment[], address: number): number {
  for (const { type, offset, address: start, length } of segments) {
    if (type === segmentType.load && address >= start && address < start + length)
      return offset + address - start;
  }
  throw new Malformed('its dynamic section names an address that the file does not have');
}
