import { Malformed } from './malformed.ts';

/** Gives the bytes of a file from an offset on: as many as asked for, or fewer where the file ends. */
export type ReadAt = (offset: number, length: number) => Buffer;

const blockSize = 4096;

// The tables of the largest libraries that there are come to less than 2 MiB; tables that lead through each other
// without end must not keep a reader.
const budget = 16 * 1024 * 1024;

// A path has less; an RPATH can be a list of such.
const longestText = 16 * 1024;
const pieceLength = 64;

/** The bytes of an ELF file, read in blocks where they are asked for, with its width and byte order. */
export class ElfBytes {
  private readonly blocks = new Map<number, Buffer>();
  private spent = 0;

  constructor(
    private readonly read: ReadAt,
    readonly size: number,
    readonly wide: boolean,
    readonly little: boolean,
  ) {}

  /** The bytes of a part of the file. Throws `Malformed` for what lies outside of it. */
  part(offset: number, length: number): Buffer {
    if (offset + length > this.size)
      throw new Malformed(`it ends at byte ${this.size}, before what it names`);
    this.spent += length;
    if (this.spent > budget) throw new Malformed('its tables have no end');
    const first = Math.floor(offset / blockSize);
    const start = offset - first * blockSize;
    if (start + length <= blockSize) return this.block(first).subarray(start, start + length);
    const blocks: Buffer[] = [];
    for (let index = first; index * blockSize < offset + length; index += 1) blocks.push(this.block(index));
    return Buffer.concat(blocks).subarray(start, start + length);
  }

  /** The 16-bit number at an offset. */
  half(offset: number): number {
    const bytes = this.part(offset, 2);
    return this.little ? bytes.readUInt16LE() : bytes.readUInt16BE();
  }

  /** The 32-bit number at an offset. */
  word(offset: number): number {
    const bytes = this.part(offset, 4);
    return this.little ? bytes.readUInt32LE() : bytes.readUInt32BE();
  }

  /** The address, or the offset, that stands at an offset: as wide as the file. */
  address(offset: number): number {
    if (!this.wide) return this.word(offset);
    const bytes = this.part(offset, 8);
    const value = this.little ? bytes.readBigUInt64LE() : bytes.readBigUInt64BE();
    // No file reaches so far, and no two offsets there may look the same.
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
  }

  /** The text at an offset, up to a zero byte before `end`. */
  text(offset: number, end: number): string {
    const pieces: Buffer[] = [];
    for (let at = offset; at < Math.min(end, offset + longestText); at += pieceLength) {
      const piece = this.part(at, Math.min(pieceLength, end - at, this.size - at));
      const zero = piece.indexOf(0);
      pieces.push(zero < 0 ? piece : piece.subarray(0, zero));
      if (zero >= 0) return Buffer.concat(pieces).toString();
    }
    throw new Malformed('one of its texts has no end');
  }

  private block(index: number): Buffer {
    const known = this.blocks.get(index);
    if (known) return known;
    const wanted = Math.min(blockSize, this.size - index * blockSize);
    const block = this.read(index * blockSize, wanted);
    if (block.length < wanted) throw new Malformed('it became shorter while it was read');
    this.blocks.set(index, block);
    return block;
  }
}
