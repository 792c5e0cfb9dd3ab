import { posix } from 'node:path';
import type { ElfFile } from '../../elf/read-elf.ts';
import { hintsFile, parseHints } from './hints.ts';
import { type LibraryMap, type MapSource, mapFile, readLibraryMap } from './library-map.ts';
import { cacheFile, parseCache } from './linker-cache.ts';

/** A dynamic linker: where and how it looks for libraries. */
export interface Linker {
  /** Where its files lie, tried in this order: an emulated system has its own tree, and then the jail's. */
  trees: readonly string[];
  /** Where it looks last. */
  directories: readonly string[];
  /** Those of them that a file can rule out for itself. */
  standard: readonly string[];
  /** Whose RPATH counts for a library too: that of the program, or of every file that led to it. */
  inherits: 'program' | 'loaders';
  /** It goes on looking where it finds a library of another machine. */
  passesOver: boolean;
  /** A library that defines no versions of symbols is taken as if it had each that is needed of it. */
  trustsUnversioned: boolean;
  /** $ORIGIN is where a library really lies, and not where it was found. */
  realOrigin: boolean;
  /** What takes the place of a library. */
  mapped: LibraryMap;
}

/** Reads a whole file of the jail, at most so many bytes; undefined where there is none. */
export type ReadFile = (path: string) => Buffer | undefined;

const libraryOfLinux = /^(?:libc\.so\.6|ld-linux.*|ld64\.so\..*|(?:libc\.|ld-)musl-.*)$/;

/** Which system a file was built for: its own mark says it, or what it needs; `unknown` where neither does. */
export type System = 'freebsd' | 'linux' | 'other' | 'unknown';

/** Tells it. Libraries of FreeBSD for aarch64, and all of Linux, are marked for no system. */
export function systemOf({ osAbi, osversion, interpreter, dynamic }: ElfFile): System {
  if (osAbi === 9 || osversion !== undefined) return 'freebsd';
  if (osAbi !== 0 && osAbi !== 3) return 'other';
  const names = [posix.basename(interpreter ?? ''), ...(dynamic?.needed ?? [])];
  const versions = dynamic?.versionsNeeded.map(({ version }) => version) ?? [];
  if (versions.some((version) => version.startsWith('FBSD_'))) return 'freebsd';
  if (versions.some((version) => version.startsWith('GLIBC_'))) return 'linux';
  return names.some((name) => libraryOfLinux.test(name)) ? 'linux' : 'unknown';
}

/** Whether nothing speaks against two files being of one system. */
export function mayBeOfOneSystem(one: ElfFile, other: ElfFile): boolean {
  const [first, second] = [systemOf(one), systemOf(other)];
  return first === second || first === 'unknown' || second === 'unknown';
}

/**
 * FreeBSD's rtld(1) in a jail. What service ldconfig adds when the jail starts counts too, because a jail that never
 * ran has no hints (rc.conf(5), ldconfig_paths and ldconfig_local_dirs, ldconfig32_paths and ldconfig_local32_dirs).
 */
export function freebsdLinker(
  wide: boolean,
  emulated: boolean,
  jail: MapSource,
  read: ReadFile,
  listed: string[],
): Linker {
  const own = wide || !emulated;
  const standard = own ? ['/lib/casper', '/lib', '/usr/lib'] : ['/lib32', '/usr/lib32'];
  const hints = parseHints(read(own ? hintsFile.wide : hintsFile.narrow) ?? Buffer.alloc(0));
  const atStart = own
    ? ['/usr/lib/compat', '/usr/local/lib', '/usr/local/lib/compat/pkg', ...listed]
    : ['/usr/lib32/compat', ...listed];
  return {
    trees: [''],
    directories: unique([...hints, ...standard, ...atStart]),
    standard,
    inherits: 'program',
    passesOver: false,
    trustsUnversioned: false,
    realOrigin: true,
    mapped: readLibraryMap(own ? mapFile.wide : mapFile.narrow, jail),
  };
}

/** Where packages say which directories ldconfig(8) is to know. */
export const listsIn = {
  wide: '/usr/local/libdata/ldconfig',
  narrow: '/usr/local/libdata/ldconfig32',
} as const;

/** The directories that such a file names. */
export function parseListed(text: string): string[] {
  return text.split(/\s+/).filter((word) => word.startsWith('/'));
}

const triplets = new Map([
  ['amd64', 'x86_64-linux-gnu'],
  ['i386', 'i386-linux-gnu'],
  ['aarch64', 'aarch64-linux-gnu'],
  ['armv7', 'arm-linux-gnueabihf'],
  ['powerpc64le', 'powerpc64le-linux-gnu'],
  ['riscv64', 'riscv64-linux-gnu'],
]);

/** Where the C library of Linux has its dynamic linker (the ABI supplements name it). */
export const linuxInterpreters = new Map([
  ['amd64', '/lib64/ld-linux-x86-64.so.2'],
  ['i386', '/lib/ld-linux.so.2'],
  ['aarch64', '/lib/ld-linux-aarch64.so.1'],
  ['armv7', '/lib/ld-linux-armhf.so.3'],
  ['powerpc64le', '/lib64/ld64.so.2'],
  ['riscv64', '/lib/ld-linux-riscv64-lp64d.so.1'],
]);

/** Where linux(4) has a system of its own. */
export const linuxTree = '/compat/linux';

/** ld.so(8) of Linux, for programs that run by linux(4). */
export function linuxLinker(machine: string, wide: boolean, read: ReadFile): Linker {
  const triplet = triplets.get(machine);
  const several = triplet === undefined ? [] : [`/lib/${triplet}`, `/usr/lib/${triplet}`];
  const standard = [...several, ...(wide ? ['/lib64', '/usr/lib64'] : []), '/lib', '/usr/lib'];
  const cache = read(linuxTree + cacheFile) ?? read(cacheFile) ?? Buffer.alloc(0);
  return {
    trees: [linuxTree, ''],
    directories: unique([...parseCache(cache), ...standard]),
    standard,
    inherits: 'loaders',
    passesOver: true,
    trustsUnversioned: true,
    realOrigin: false,
    mapped: () => undefined,
  };
}

/** For what does not say which of two systems it is for: where either looks. */
export function eitherLinker(one: Linker, other: Linker): Linker {
  return {
    ...one,
    trees: unique([...one.trees, ...other.trees]),
    directories: unique([...one.directories, ...other.directories]),
    passesOver: true,
    trustsUnversioned: true,
  };
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}
