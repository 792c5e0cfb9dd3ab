/** What an ELF file of a test says. */
export interface ElfFile {
  machine: number;
  wide: boolean;
  little: boolean;
  osversion: number;
  /** Name of the note's owner; default `FreeBSD`. */
  owner?: string;
  /** Type of the note; default 1, the ABI tag. */
  type?: number;
}

/** An ELF file that is nothing but its headers and two notes: a foreign one, then the one asked for. */
export function elfFile(file: ElfFile): Buffer {
  const { wide, little } = file;
  const header = wide ? 64 : 52;
  const size = wide ? 56 : 32;
  const notes = Buffer.concat([note(file, 'GNU', 3, Buffer.alloc(20)), tag(file)]);
  const elf = Buffer.alloc(header + size);
  const half = (value: number, at: number): number =>
    little ? elf.writeUInt16LE(value, at) : elf.writeUInt16BE(value, at);
  const word = (value: number, at: number): number =>
    little ? elf.writeUInt32LE(value, at) : elf.writeUInt32BE(value, at);
  const offset = (value: number, at: number): number => word(value, wide && !little ? at + 4 : at);
  elf.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1, 9]);
  half(file.machine, 18);
  offset(header, wide ? 32 : 28);
  half(size, wide ? 54 : 42);
  half(1, wide ? 56 : 44);
  word(4, header);
  offset(elf.length, header + (wide ? 8 : 4));
  offset(notes.length, header + (wide ? 32 : 16));
  return Buffer.concat([elf, notes]);
}

function tag(file: ElfFile): Buffer {
  const desc = Buffer.alloc(4);
  if (file.little) desc.writeUInt32LE(file.osversion);
  else desc.writeUInt32BE(file.osversion);
  return note(file, file.owner ?? 'FreeBSD', file.type ?? 1, desc);
}

function note(file: ElfFile, owner: string, type: number, desc: Buffer): Buffer {
  const head = Buffer.alloc(12);
  for (const [index, value] of [owner.length + 1, desc.length, type].entries()) {
    if (file.little) head.writeUInt32LE(value, index * 4);
    else head.writeUInt32BE(value, index * 4);
  }
  const name = Buffer.alloc(Math.ceil((owner.length + 1) / 4) * 4);
  name.write(owner, 'latin1');
  return Buffer.concat([head, name, desc]);
}
