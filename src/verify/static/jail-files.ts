import { type Broken, type ElfFile, readElf } from '../../elf/read-elf.ts';
import type { OpenFile, RootWalk } from '../../host/root-walk.ts';
import { interpreterOf, longestFirstLine } from './script.ts';
import type { Candidate, Linkable } from './search.ts';

/** A file of a jail, as far as it could be run. */
export interface JailFile extends Candidate {
  content: { elf: ElfFile } | Broken | { script: string } | 'other';
}

/** Files that lead to more than anybody looks at. Caught where a jail's files are looked at: the static tier. */
export class Exhausted extends Error {}

/** How much a look at a jail's files may come to: those of a whole system are a hundredth of it. */
export interface Extent {
  /** Paths that are looked for. */
  paths: number;
  /** Characters of what files say that is kept in mind. */
  characters: number;
  milliseconds: number;
}

const usualExtent: Extent = { paths: 300_000, characters: 100_000_000, milliseconds: 5 * 60_000 };

/**
 * The files of a jail, each read once, however many others need it. Files can be made that need each other in more ways
 * than could ever be tried: each look throws {@link Exhausted} then.
 */
export class JailFiles {
  private readonly byPath = new Map<string, JailFile | undefined>();
  private readonly byIdentity = new Map<string, JailFile>();
  private readonly end: number;
  private characters = 0;
  private looks = 0;

  constructor(
    private readonly walk: RootWalk,
    private readonly extent: Extent = usualExtent,
  ) {
    this.end = performance.now() + extent.milliseconds;
  }

  /** The regular file that a path leads to. */
  look(path: string): JailFile | undefined {
    // What was looked at before costs less than a look at the clock.
    this.looks += 1;
    if (this.looks % 100 === 0 && performance.now() > this.end) throw endless();
    const known = this.byPath.get(path);
    if (known !== undefined || this.byPath.has(path)) return known;
    const { paths, characters } = this.extent;
    if (this.byPath.size >= paths || this.characters >= characters) throw endless();
    const file = this.walk.open(path, (opened) => this.read(opened));
    this.byPath.set(path, file);
    return file;
  }

  /** The names in a directory; none where there is no directory. */
  list(path: string): string[] {
    return this.walk.list(path);
  }

  /** A file as it is, of at most so many bytes. */
  whole(path: string, most: number): Buffer | undefined {
    return this.walk.open(path, ({ read, stats }) => (stats.size > most ? undefined : read(0, stats.size)));
  }

  private read({ path, stats, read }: OpenFile): JailFile {
    const identity = `${stats.dev}:${stats.ino}`;
    const known = this.byIdentity.get(identity);
    if (known) return known;
    const content = contentOf(read, stats);
    const file = { path, identity, content, elf: linkable(content) };
    this.byIdentity.set(identity, file);
    this.characters += charactersOf(file.elf);
    return file;
  }
}

function endless(): Exhausted {
  return new Exhausted('there is no end to what these files lead to');
}

function charactersOf(elf: Linkable | undefined): number {
  if (!elf) return 0;
  const { needed, versionsNeeded, versionsDefined } = elf.dynamic;
  const texts = [...needed, ...versionsDefined];
  for (const { library, version } of versionsNeeded) texts.push(library, version);
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** By anybody. */
const executable = 0o111;

function contentOf(read: OpenFile['read'], { size, mode }: OpenFile['stats']): JailFile['content'] {
  const start = read(0, Math.min(size, longestFirstLine));
  const script = interpreterOf(start);
  // The kernel starts nothing else: a shell that reads such a file passes its first line over.
  if (script !== undefined) return (mode & executable) === 0 ? 'other' : { script };
  const known: OpenFile['read'] = (offset, length) =>
    offset + length <= start.length ? start.subarray(offset, offset + length) : read(offset, length);
  const elf = readElf(known, size);
  if (elf === undefined) return 'other';
  return 'broken' in elf ? elf : { elf };
}

function linkable(content: JailFile['content']): Linkable | undefined {
  if (content === 'other' || !('elf' in content)) return undefined;
  const { elf } = content;
  return elf.loadable && elf.dynamic !== undefined ? { ...elf, dynamic: elf.dynamic } : undefined;
}
