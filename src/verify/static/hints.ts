/** Where FreeBSD's dynamic linker and its ldconfig(8) remember in which directories libraries lie. */
export const hintsFile = { wide: '/var/run/ld-elf.so.hints', narrow: '/var/run/ld-elf32.so.hints' } as const;

const magic = 0x746e6845;
const headerLength = 128;

/**
 * The directories of an ld-elf.so.hints, in their order; none where it is no such file, as rtld(1) then has none
 * (struct elfhints_hdr of sys/elf-hints.h).
 */
export function parseHints(file: Buffer): string[] {
  if (file.length < headerLength) return [];
  const little = file.readUInt32LE() === magic;
  if (!little && file.readUInt32BE() !== magic) return [];
  const word = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const from = word(8) + word(16);
  const end = from + word(20);
  if (word(4) !== 1 || end > file.length) return [];
  return file.toString('utf8', from, end).split(':').filter(isAbsolute);
}

function isAbsolute(directory: string): boolean {
  return directory.startsWith('/');
}
