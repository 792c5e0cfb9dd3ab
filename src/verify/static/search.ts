import { posix } from 'node:path';
import type { Dynamic } from '../../elf/dynamic.ts';
import type { ElfFile } from '../../elf/read-elf.ts';
import type { Linker } from './linker.ts';

/** An ELF file that a dynamic linker can work with. */
export interface Linkable extends ElfFile {
  dynamic: Dynamic;
}

/** A program or library in memory, as a dynamic linker would have it. */
export interface Loaded {
  /** Its place in the jail without symbolic links, and as it was found. */
  path: string;
  found: string;
  /** The same for two names of one file. */
  identity: string;
  elf: Linkable;
  /** What led to it first; undefined for the program. */
  loader: Loaded | undefined;
}

/** What lies at a path of the jail: a file that can be linked to, or something else. */
export interface Candidate {
  path: string;
  identity: string;
  elf: Linkable | undefined;
}

/** Looks at a path of the jail; undefined where there is no file. */
export type Look = (path: string) => Candidate | undefined;

/** What a search came to, and where it was found. */
export interface Hit {
  found: string;
  candidate: Candidate;
}

/** Looks for a library that a file needs, where its dynamic linker would, in that order. */
export function search(name: string, needer: Loaded, linker: Linker, look: Look): Hit | undefined {
  const wanted = linker.mapped(needer.found, name) ?? name;
  const wrongKind = (hit: Hit): boolean => !matches(hit.candidate.elf, needer.elf);
  for (const path of pathsFor(wanted, needer, linker)) {
    for (const tree of linker.trees) {
      const candidate = look(tree + path);
      if (!candidate) continue;
      const hit = { found: tree + path, candidate };
      if (linker.passesOver && wrongKind(hit)) continue;
      return hit;
    }
  }
  return undefined;
}

/** Whether two files can be in one process. */
export function matches(one: Linkable | undefined, other: ElfFile): one is Linkable {
  return (
    one !== undefined &&
    one.machineNumber === other.machineNumber &&
    one.wide === other.wide &&
    one.little === other.little
  );
}

function* pathsFor(name: string, needer: Loaded, linker: Linker): Generator<string> {
  if (name.includes('/')) {
    const [path] = substituted(name, needer, linker);
    if (path !== undefined) yield path;
    return;
  }
  for (const directory of directoriesFor(needer, linker)) yield `${directory}/${name}`;
}

/** The directories in which a file's libraries are looked for (rtld(1); ld.so(8) of Linux). */
export function* directoriesFor(needer: Loaded, linker: Linker): Generator<string> {
  const { runpath, onlyItsPath } = needer.elf.dynamic;
  if (runpath === undefined) for (const file of givers(needer, linker)) yield* ownPath('rpath', file, linker);
  yield* ownPath('runpath', needer, linker);
  for (const directory of linker.directories) {
    if (!onlyItsPath || !linker.standard.includes(directory)) yield directory;
  }
}

/** The files whose RPATH counts: one with a RUNPATH has given its RPATH up. */
function* givers(needer: Loaded, { inherits }: Linker): Generator<Loaded> {
  let last: Loaded | undefined;
  for (let file: Loaded | undefined = needer; file; file = file.loader) {
    if (inherits === 'loaders' || file === needer) yield file;
    last = file;
  }
  if (inherits === 'program' && last && last !== needer) yield last;
}

function ownPath(kind: 'rpath' | 'runpath', file: Loaded, linker: Linker): string[] {
  const { runpath, [kind]: path } = file.elf.dynamic;
  if (path === undefined || (kind === 'rpath' && runpath !== undefined)) return [];
  return substituted(path, file, linker);
}

/** The absolute directories of a path: what is relative depends on where a program is started. */
function substituted(path: string, file: Loaded, { realOrigin }: Linker): string[] {
  const origin = posix.dirname(realOrigin || file.loader === undefined ? file.path : file.found);
  const written = path.replaceAll(/\$(?:ORIGIN|\{ORIGIN\})/g, () => origin);
  return written.split(':').filter((directory) => directory.startsWith('/'));
}
