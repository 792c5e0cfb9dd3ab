import type { ElfBytes } from './bytes.ts';
import { type Segment, segmentType } from './segments.ts';

const abiTag = 1;

// Real files have 100 bytes of notes.
const longest = 64 * 1024;

/** The __FreeBSD_version of FreeBSD's ABI note (name `FreeBSD`, type 1), such as 1401000; undefined where there is none. */
export function readOsversion(bytes: ElfBytes, segments: readonly Segment[]): number | undefined {
  for (const { type, offset, length } of segments) {
    if (type !== segmentType.note) continue;
    const found = findTag(bytes, offset, Math.min(offset + Math.min(length, longest), bytes.size));
    if (found !== undefined) return found;
  }
  return undefined;
}

function findTag(bytes: ElfBytes, from: number, end: number): number | undefined {
  let at = from;
  while (at + 12 <= end) {
    const nameSize = bytes.word(at);
    const descSize = bytes.word(at + 4);
    const name = at + 12;
    const desc = name + padded(nameSize);
    const next = desc + padded(descSize);
    if (next > end) return undefined;
    const isTag = nameSize === 8 && bytes.word(at + 8) === abiTag && bytes.part(name, 8).equals(freebsd);
    if (isTag && descSize >= 4) return bytes.word(desc);
    at = next;
  }
  return undefined;
}

const freebsd = Buffer.from('FreeBSD\0', 'latin1');

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}
