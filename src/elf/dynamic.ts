import type { ElfBytes } from './bytes.ts';
import { Malformed } from './malformed.ts';
import { offsetOf, type Segment, segmentType } from './segments.ts';
import { type NeededVersion, readDefined, readNeeded } from './versions.ts';

/** What a file tells the dynamic linker. */
export interface Dynamic {
  /** The libraries that it needs, in its order. */
  needed: string[];
  /** The name by which others need it, of libraries. */
  soname: string | undefined;
  /** Where it has libraries looked for, as it is written: directories with colons between them. */
  rpath: string | undefined;
  runpath: string | undefined;
  /** It has them looked for nowhere else: DF_1_NODEFLIB. */
  onlyItsPath: boolean;
  versionsNeeded: NeededVersion[];
  versionsDefined: string[];
}

const tag = {
  end: 0,
  needed: 1,
  strings: 5,
  stringsLength: 10,
  soname: 14,
  rpath: 15,
  runpath: 29,
  flags1: 0x6ffffffb,
  defined: 0x6ffffffc,
  definedCount: 0x6ffffffd,
  neededVersions: 0x6ffffffe,
  neededVersionsCount: 0x6fffffff,
} as const;

const noDefaultLibraries = 0x800;

// Real ones have about thirty entries.
const longest = 64 * 1024;

/** Reads the dynamic section; undefined where there is none. Throws `Malformed`. */
export function readDynamic(bytes: ElfBytes, segments: readonly Segment[]): Dynamic | undefined {
  const segment = segments.find(({ type, length }) => type === segmentType.dynamic && length > 0);
  if (!segment) return undefined;
  const entries = readEntries(bytes, segment);
  const value = (wanted: number): number | undefined => entries.find((entry) => entry.tag === wanted)?.value;
  const strings = value(tag.strings);
  if (strings === undefined) throw new Malformed('its dynamic section has no strings');
  const start = offsetOf(segments, strings);
  const end = Math.min(start + (value(tag.stringsLength) ?? 0), bytes.size);
  const text = (index: number): string => bytes.text(start + index, end);
  const textOf = (wanted: number): string | undefined => {
    const index = value(wanted);
    return index === undefined ? undefined : text(index);
  };
  const table = (address: number, count: number): { offset: number; count: number } => {
    const at = value(address);
    return at === undefined
      ? { offset: 0, count: 0 }
      : { offset: offsetOf(segments, at), count: value(count) ?? 0 };
  };
  return {
    needed: entries.filter((entry) => entry.tag === tag.needed).map((entry) => text(entry.value)),
    soname: textOf(tag.soname),
    rpath: textOf(tag.rpath),
    runpath: textOf(tag.runpath),
    onlyItsPath: ((value(tag.flags1) ?? 0) & noDefaultLibraries) !== 0,
    versionsNeeded: readNeeded(bytes, table(tag.neededVersions, tag.neededVersionsCount), text),
    versionsDefined: readDefined(bytes, table(tag.defined, tag.definedCount), text),
  };
}

function readEntries(bytes: ElfBytes, { offset, length }: Segment): { tag: number; value: number }[] {
  if (length > longest) throw new Malformed(`its dynamic section has ${length} bytes`);
  const half = bytes.wide ? 8 : 4;
  const entries: { tag: number; value: number }[] = [];
  for (let at = offset; at + 2 * half <= offset + length; at += 2 * half) {
    const entry = { tag: bytes.address(at), value: bytes.address(at + half) };
    if (entry.tag === tag.end) break;
    entries.push(entry);
  }
  return entries;
}
