/** What an ELF file of a test says; what is left out, it does not say. */
export interface ElfContent {
  machine: number;
  wide: boolean;
  little: boolean;
  osAbi?: number;
  interpreter?: string;
  /** Of FreeBSD's note. */
  osversion?: number;
  /** Name of the note's owner; default `FreeBSD`. */
  owner?: string;
  /** Type of the note; default 1, the ABI tag. */
  type?: number;
  /** Without any of these there is no dynamic section. */
  needed?: string[];
  soname?: string;
  rpath?: string;
  runpath?: string;
  onlyItsPath?: boolean;
  versionsNeeded?: Record<string, string[]>;
  weakVersions?: string[];
  versionsDefined?: string[];
}

/** amd64, as every other value is left out. */
export const amd64 = { machine: 62, wide: true, little: true } as const;

/** An ELF file that has its headers and what a dynamic linker reads, and no code. */
export function elfFile(content: ElfContent): Buffer {
  return new Writer(content).file();
}

class Writer {
  private readonly strings: Buffer[] = [Buffer.from([0])];
  private readonly parts: { type: number; bytes: Buffer; at: number }[] = [];
  private readonly headerLength: number;
  private readonly segmentLength: number;

  constructor(private readonly content: ElfContent) {
    this.headerLength = content.wide ? 64 : 52;
    this.segmentLength = content.wide ? 56 : 32;
  }

  file(): Buffer {
    const { interpreter, osversion } = this.content;
    const dynamic = this.isDynamic();
    const count = 1 + Number(interpreter !== undefined) + Number(osversion !== undefined) + Number(dynamic);
    let at = this.headerLength + count * this.segmentLength;
    const put = (type: number, bytes: Buffer): number => {
      this.parts.push({ type, bytes, at });
      at += bytes.length;
      return at - bytes.length;
    };
    if (interpreter !== undefined) put(3, Buffer.from(`${interpreter}\0`));
    if (osversion !== undefined) put(4, this.notes(osversion));
    if (dynamic) this.putDynamic(put);
    const segments = this.parts.filter(({ type }) => type !== 0);
    const whole = { type: 1, bytes: { length: at }, at: 0 };
    return Buffer.concat([
      this.header(count),
      ...[whole, ...segments].map((part) => this.segment(part.type, part.at, part.bytes.length)),
      ...this.parts.map(({ bytes }) => bytes),
    ]);
  }

  private isDynamic(): boolean {
    const { needed, soname, rpath, runpath, versionsNeeded, versionsDefined } = this.content;
    return [needed, soname, rpath, runpath, versionsNeeded, versionsDefined].some((one) => one !== undefined);
  }

  private putDynamic(put: (type: number, bytes: Buffer) => number): void {
    const {
      needed = [],
      soname,
      rpath,
      runpath,
      onlyItsPath,
      versionsNeeded,
      versionsDefined,
    } = this.content;
    const entries: [number, number][] = needed.map((name) => [1, this.string(name)]);
    if (soname !== undefined) entries.push([14, this.string(soname)]);
    if (rpath !== undefined) entries.push([15, this.string(rpath)]);
    if (runpath !== undefined) entries.push([29, this.string(runpath)]);
    if (onlyItsPath === true) entries.push([0x6ffffffb, 0x800]);
    if (versionsNeeded !== undefined) {
      entries.push([0x6ffffffe, put(0, this.needs(versionsNeeded))]);
      entries.push([0x6fffffff, Object.keys(versionsNeeded).length]);
    }
    if (versionsDefined !== undefined) {
      entries.push([0x6ffffffc, put(0, this.definitions(versionsDefined))]);
      entries.push([0x6ffffffd, versionsDefined.length]);
    }
    const strings = Buffer.concat(this.strings);
    entries.push([5, put(0, strings)], [10, strings.length], [0, 0]);
    put(2, Buffer.concat(entries.flatMap(([tag, value]) => [this.address(tag), this.address(value)])));
  }

  private needs(needed: Record<string, string[]>): Buffer {
    const libraries = Object.entries(needed);
    return Buffer.concat(
      libraries.flatMap(([library, versions], index) => [
        this.half(1),
        this.half(versions.length),
        this.word(this.string(library)),
        this.word(16),
        this.word(index === libraries.length - 1 ? 0 : 16 + 16 * versions.length),
        ...versions.flatMap((version, at) => [
          this.word(0),
          this.half(this.content.weakVersions?.includes(version) === true ? 2 : 0),
          this.half(2 + at),
          this.word(this.string(version)),
          this.word(at === versions.length - 1 ? 0 : 16),
        ]),
      ]),
    );
  }

  private definitions(versions: readonly string[]): Buffer {
    return Buffer.concat(
      versions.flatMap((version, index) => [
        this.half(1),
        this.half(0),
        this.half(1 + index),
        this.half(1),
        this.word(0),
        this.word(20),
        this.word(index === versions.length - 1 ? 0 : 28),
        this.word(this.string(version)),
        this.word(0),
      ]),
    );
  }

  private header(segments: number): Buffer {
    const { machine, wide, little, osAbi = 9, interpreter } = this.content;
    return Buffer.concat([
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1, osAbi, 0, 0, 0, 0, 0, 0, 0, 0]),
      this.half(interpreter === undefined ? 3 : 2),
      this.half(machine),
      this.word(1),
      this.address(0),
      this.address(this.headerLength),
      this.address(0),
      this.word(0),
      this.half(this.headerLength),
      this.half(this.segmentLength),
      this.half(segments),
      this.half(0),
      this.half(0),
      this.half(0),
    ]);
  }

  private segment(type: number, at: number, length: number): Buffer {
    const where = [at, at, at, length, length].map((value) => this.address(value));
    const [offset = Buffer.alloc(0), ...rest] = where;
    return this.content.wide
      ? Buffer.concat([this.word(type), this.word(4), offset, ...rest, this.address(1)])
      : Buffer.concat([this.word(type), offset, ...rest, this.word(4), this.address(1)]);
  }

  private notes(osversion: number): Buffer {
    const { owner = 'FreeBSD', type = 1 } = this.content;
    return Buffer.concat([
      this.note('GNU', 3, Buffer.alloc(20)),
      this.note(owner, type, this.word(osversion)),
    ]);
  }

  private note(owner: string, type: number, desc: Buffer): Buffer {
    const name = Buffer.alloc(Math.ceil((owner.length + 1) / 4) * 4);
    name.write(owner, 'latin1');
    return Buffer.concat([this.word(owner.length + 1), this.word(desc.length), this.word(type), name, desc]);
  }

  private string(text: string): number {
    const at = this.strings.reduce((sum, one) => sum + one.length, 0);
    this.strings.push(Buffer.from(`${text}\0`));
    return at;
  }

  private half(value: number): Buffer {
    const bytes = Buffer.alloc(2);
    if (this.content.little) bytes.writeUInt16LE(value);
    else bytes.writeUInt16BE(value);
    return bytes;
  }

  private word(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    if (this.content.little) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return bytes;
  }

  private address(value: number): Buffer {
    if (!this.content.wide) return this.word(value);
    const bytes = Buffer.alloc(8);
    if (this.content.little) bytes.writeBigUInt64LE(BigInt(value));
    else bytes.writeBigUInt64BE(BigInt(value));
    return bytes;
  }
}
