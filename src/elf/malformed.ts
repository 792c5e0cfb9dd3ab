/** A file that begins as an ELF file and is none that could be loaded. Caught where files are read: {@link readElf}. */
export class Malformed extends Error {}
