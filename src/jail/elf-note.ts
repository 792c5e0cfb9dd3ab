/** What a FreeBSD ELF file says about the system it was built for. */
export interface FreebsdNote {
  /** __FreeBSD_version, such as 1401000. */
  osversion: number;
  /** As in an ABI string: amd64, aarch64, ... */
  machine: string;
}

const noteSegment = 4;
const abiTag = 1;

// A real file has about ten program headers and 100 bytes of notes. A made-up one with 65,535 headers that all
// lead through the whole file would keep a reader without limits busy for hours.
const headersRead = 128;
const noteBytesRead = 64 * 1024;

/** Machines of elf(5) as pkg names them; width and byte order where one number serves several. */
function machineName(machine: number, wide: boolean, little: boolean): string | undefined {
  switch (machine) {
    case 3:
      return 'i386';
    case 20:
      return 'powerpc';
    case 21:
      return little ? 'powerpc64le' : 'powerpc64';
    case 40:
      return 'armv7';
    case 62:
      return 'amd64';
    case 183:
      return 'aarch64';
    case 243:
      return wide ? 'riscv64' : undefined;
    default:
      return undefined;
  }
}

/**
 * Reads the FreeBSD ABI note (name `FreeBSD`, type 1) of an ELF file; `undefined` for anything else. Made for
 * hostile input: every offset is checked, nothing is thrown.
 */
export function freebsdNote(elf: Buffer): FreebsdNote | undefined {
  if (elf.length < 52 || elf.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const wide = elf[4] === 2;
  const little = elf[5] === 1;
  if (wide && elf.length < 64) return undefined;
  const half = (at: number): number => (little ? elf.readUInt16LE(at) : elf.readUInt16BE(at));
  const word = (at: number): number => (little ? elf.readUInt32LE(at) : elf.readUInt32BE(at));
  const long = (at: number): number => Number(little ? elf.readBigUInt64LE(at) : elf.readBigUInt64BE(at));
  const offset = (at: number): number => (wide ? long(at) : word(at));

  const machine = machineName(half(18), wide, little);
  const headers = offset(wide ? 32 : 28);
  const size = half(wide ? 54 : 42);
  const count = Math.min(half(wide ? 56 : 44), headersRead);
  if (machine === undefined || size < (wide ? 56 : 32)) return undefined;
  for (let index = 0; index < count; index += 1) {
    const header = headers + index * size;
    if (header + size > elf.length) return undefined;
    if (word(header) !== noteSegment) continue;
    const from = offset(header + (wide ? 8 : 4));
    const length = Math.min(offset(header + (wide ? 32 : 16)), noteBytesRead);
    const osversion = findTag(elf, from, Math.min(from + length, elf.length), word);
    if (osversion !== undefined) return { osversion, machine };
  }
  return undefined;
}

function findTag(elf: Buffer, from: number, end: number, word: (at: number) => number): number | undefined {
  let at = from;
  while (at + 12 <= end) {
    const nameSize = word(at);
    const descSize = word(at + 4);
    const name = at + 12;
    const desc = name + pad(nameSize);
    const next = desc + pad(descSize);
    if (next > end) return undefined;
    const isTag =
      nameSize === 8 && word(at + 8) === abiTag && elf.toString('latin1', name, name + 8) === 'FreeBSD\0';
    if (isTag && descSize >= 4) return word(desc);
    at = next;
  }
  return undefined;
}

function pad(size: number): number {
  return Math.ceil(size / 4) * 4;
}
