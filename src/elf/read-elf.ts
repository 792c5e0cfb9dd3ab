import { ElfBytes, type ReadAt } from './bytes.ts';
import { type Dynamic, readDynamic } from './dynamic.ts';
import { machineName } from './machine.ts';
import { Malformed } from './malformed.ts';
import { readOsversion } from './note.ts';
import { readSegments, type Segment, segmentType } from './segments.ts';

/** What an ELF file says of what it is and of what it needs. */
export interface ElfFile {
  wide: boolean;
  little: boolean;
  /** e_machine of elf(5), and as in an ABI string where pkg has a name for it. */
  machineNumber: number;
  machine: string | undefined;
  /** EI_OSABI: 9 is FreeBSD. */
  osAbi: number;
  /** What can be loaded, a program or a library: nothing else has segments. */
  loadable: boolean;
  /** The dynamic linker, of programs that need one. */
  interpreter: string | undefined;
  /** The __FreeBSD_version that it was built for, such as 1401000. */
  osversion: number | undefined;
  dynamic: Dynamic | undefined;
}

/** An ELF file that cannot be loaded, and why. */
export interface Broken {
  broken: string;
}

const magic = 0x7f454c46;
const headerLength = { wide: 64, narrow: 52 };

// PATH_MAX.
const longestInterpreter = 1024;

/**
 * Reads an ELF file's headers and the tables that a dynamic linker reads, and nothing else of it; undefined for what is
 * no ELF file. Made for hostile input: nothing of it is believed, and no input makes it read for long (elf(5)).
 */
export function readElf(read: ReadAt, size: number): ElfFile | Broken | undefined {
  const identification = read(0, 16);
  if (identification.length < 4 || identification.readUInt32BE() !== magic) return undefined;
  try {
    return readParts(read, size, identification);
  } catch (error) {
    if (error instanceof Malformed) return { broken: error.message };
    throw error;
  }
}

function readParts(read: ReadAt, size: number, identification: Buffer): ElfFile {
  const wide = identification[4] === 2;
  const little = identification[5] === 1;
  if (size < headerLength[wide ? 'wide' : 'narrow']) throw new Malformed(`it ends at byte ${size}`);
  const bytes = new ElfBytes(read, size, wide, little);
  const segments = readSegments(bytes);
  requireWhole(bytes, segments);
  const machineNumber = bytes.half(18);
  return {
    wide,
    little,
    machineNumber,
    machine: machineName(machineNumber, wide, little),
    osAbi: identification[7] ?? 0,
    loadable: segments.some(({ type }) => type === segmentType.load),
    interpreter: readInterpreter(bytes, segments),
    osversion: readOsversion(bytes, segments),
    dynamic: readDynamic(bytes, segments),
  };
}

function requireWhole(bytes: ElfBytes, segments: readonly Segment[]): void {
  for (const { type, offset, length } of segments) {
    if (type === segmentType.load && offset + length > bytes.size)
      throw new Malformed(`it is cut off at byte ${bytes.size} of ${offset + length}`);
  }
}

function readInterpreter(bytes: ElfBytes, segments: readonly Segment[]): string | undefined {
  const segment = segments.find(({ type, length }) => type === segmentType.interpreter && length > 0);
  if (!segment) return undefined;
  const end = Math.min(segment.offset + Math.min(segment.length, longestInterpreter), bytes.size);
  return bytes.text(segment.offset, end);
}
