import type { ElfBytes } from './bytes.ts';
import { Malformed } from './malformed.ts';

/** A version of symbols, such as FBSD_1.7, that a file needs of a library. */
export interface NeededVersion {
  /** The library's name, as among those that are needed. */
  library: string;
  version: string;
  /** It goes without. */
  weak: boolean;
}

const weakFlag = 2;

// The C libraries have about fifty.
const most = 10_000;

/** Reads the versions that a file needs (elf(5), SHT_GNU_verneed). */
export function readNeeded(
  bytes: ElfBytes,
  table: { offset: number; count: number },
  text: (index: number) => string,
): NeededVersion[] {
  const found: NeededVersion[] = [];
  for (const at of chain(bytes, table, 12)) {
    const library = text(bytes.word(at + 4));
    const versions = { offset: at + bytes.word(at + 8), count: bytes.half(at + 2) };
    for (const version of chain(bytes, versions, 12)) {
      const weak = (bytes.half(version + 4) & weakFlag) !== 0;
      found.push({ library, version: text(bytes.word(version + 8)), weak });
      if (found.length > most) throw new Malformed('it needs more versions than there are');
    }
  }
  return found;
}

/** Reads the versions that a file defines (elf(5), SHT_GNU_verdef). */
export function readDefined(
  bytes: ElfBytes,
  table: { offset: number; count: number },
  text: (index: number) => string,
): string[] {
  const found: string[] = [];
  for (const at of chain(bytes, table, 16)) {
    found.push(text(bytes.word(at + bytes.word(at + 12))));
    if (found.length > most) throw new Malformed('it defines more versions than there are');
  }
  return found;
}

/** The offsets of entries that each say, at `next`, how far the one after it is. */
function* chain(
  bytes: ElfBytes,
  { offset, count }: { offset: number; count: number },
  next: number,
): Generator<number> {
  let at = offset;
  for (let index = 0; index < count; index += 1) {
    yield at;
    const step = bytes.word(at + next);
    if (step === 0) return;
    at += step;
  }
}
