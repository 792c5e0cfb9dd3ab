import type { ElfFile } from '../../elf/read-elf.ts';
import type { JailFiles } from './jail-files.ts';
import {
  eitherLinker,
  freebsdLinker,
  type Linker,
  linuxInterpreters,
  linuxLinker,
  linuxTree,
  listsIn,
  parseListed,
  systemOf,
} from './linker.ts';

/** What the files of a jail have to fit. */
export interface JailSystem {
  /** As in an ABI string: amd64. */
  machine: string;
  /** The __FreeBSD_version of its base. */
  osversion: number;
}

/** The dynamic linkers of a jail. */
export interface Linkers {
  /** The machines whose programs run there. */
  machines: readonly string[];
  hasInterpreter(elf: ElfFile, path: string): boolean;
  /** The one that loads such a file; undefined where the jail has none for it. */
  for(elf: ElfFile): Linker | undefined;
}

const narrowLinker = '/libexec/ld-elf32.so.1';
const narrowMachines = new Map([
  ['amd64', 'i386'],
  ['aarch64', 'armv7'],
]);

// ld-elf.so.hints has some hundred bytes, ld.so.cache a hundred thousand.
const largest = 4 * 1024 * 1024;

/** Finds out what a jail can load. */
export function linkersOf({ machine }: JailSystem, jail: JailFiles): Linkers {
  const known = new Map<string, Linker | undefined>();
  const read = (path: string): Buffer | undefined => jail.whole(path, largest);
  const linux = (of: string): boolean => {
    const interpreter = linuxInterpreters.get(of);
    return interpreter !== undefined && inEither(jail, interpreter);
  };
  const make = (elf: ElfFile): Linker | undefined => {
    const emulated = elf.machine !== machine;
    const lists = elf.wide || !emulated ? listsIn.wide : listsIn.narrow;
    const freebsd = freebsdLinker(elf.wide, emulated, jail, read, listed(jail, lists));
    const ofLinux =
      elf.machine !== undefined && linux(elf.machine) ? linuxLinker(elf.machine, elf.wide, read) : undefined;
    switch (systemOf(elf)) {
      case 'freebsd':
        return freebsd;
      case 'linux':
        return ofLinux;
      case 'unknown':
        return ofLinux === undefined ? freebsd : eitherLinker(freebsd, ofLinux);
      case 'other':
        return undefined;
    }
  };
  const narrow = narrowMachines.get(machine);
  const hasNarrow = narrow !== undefined && (jail.look(narrowLinker) !== undefined || linux(narrow));
  return {
    machines: hasNarrow ? [machine, narrow] : [machine],
    hasInterpreter: (elf, path) =>
      systemOf(elf) === 'linux' ? inEither(jail, path) : jail.look(path) !== undefined,
    for(elf) {
      const key = `${systemOf(elf)} ${elf.machine}`;
      if (!known.has(key)) known.set(key, make(elf));
      return known.get(key);
    },
  };
}

function inEither(jail: JailFiles, path: string): boolean {
  return jail.look(linuxTree + path) !== undefined || jail.look(path) !== undefined;
}

// Ports that have one write a line or two into it.
const mostListed = 1000;
const longestList = 4 * 1024;

/** The directories that packages have asked ldconfig(8) to know. */
function listed(jail: JailFiles, directory: string): string[] {
  return jail
    .list(directory)
    .sort()
    .slice(0, mostListed)
    .flatMap((name) =>
      parseListed(jail.whole(`${directory}/${name}`, longestList)?.toString('latin1') ?? ''),
    );
}
