import { posix } from 'node:path';
import type { Finding } from './finding.ts';
import type { JailFiles } from './jail-files.ts';
import { mayBeOfOneSystem } from './linker.ts';
import type { Linkers } from './linkers.ts';
import { type Load, type LoadFault, load } from './load.ts';
import { isNeverRun } from './place.ts';
import type { Registered } from './registered.ts';
import { type Candidate, type Linkable, matches } from './search.ts';

/** A program or library that fits its jail. */
export interface Examined {
  file: { path: string; package: string };
  candidate: Candidate & { elf: Linkable };
  /** What it lacks can count: it is for the jail's own machine, or the jail runs it as it is. */
  decisive: boolean;
}

/** A finding, and whether it keeps software from running. */
interface Judged {
  decides: boolean;
  finding: Finding;
}

/** The versions that the files of the change define, by the names by which they are needed. */
type VersionsByName = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Loads every program, and every library that none of the programs has loaded, as the dynamic linker would. A library
 * that lies where nothing looks for it, or looks last, can be in memory already when another needs it; a program has no
 * such excuse.
 */
export function judgeLoading(
  examined: readonly Examined[],
  jail: JailFiles,
  linkers: Linkers,
  registered: Registered,
): Judged[] {
  const loaded = new Set<string>();
  const judged = new Map<string, Judged>();
  const packages = new Map(examined.map(({ file, candidate }) => [candidate.identity, file.package]));
  const had = versionsByName(examined);
  const judge = (one: Examined, { faults }: Load, excuse: (fault: LoadFault) => boolean): void => {
    for (const fault of faults) {
      const key = `${fault.needer.identity} ${fault.library} ${fault.kind === 'missing-version' ? fault.version : ''}`;
      const known = judged.get(key);
      const decides = one.decisive && !excuse(fault);
      if (known && (known.decides || !decides)) continue;
      judged.set(key, { decides, finding: findingOf(one, fault, packages) });
    }
  };
  const loadOne = ({ candidate }: Examined): Load | undefined => {
    const linker = linkers.for(candidate.elf);
    return linker && load(candidate, linker, (path) => jail.look(path));
  };
  for (const program of examined.filter(isProgram)) {
    const done = loadOne(program);
    for (const { identity } of done?.objects ?? []) loaded.add(identity);
    if (done) judge(program, done, () => false);
  }
  for (const library of examined.filter(({ candidate }) => !loaded.has(candidate.identity))) {
    const done = loadOne(library);
    if (done) judge(library, done, (fault) => isHad(fault, had) || isElsewhere(fault, jail, registered));
  }
  return [...judged.values()];
}

function isProgram({ candidate }: Examined): boolean {
  return candidate.elf.interpreter !== undefined;
}

function versionsByName(examined: readonly Examined[]): VersionsByName {
  const found = new Map<string, Set<string>>();
  for (const { candidate } of examined) {
    for (const name of namesOf(candidate)) {
      const versions = found.get(name) ?? new Set();
      for (const version of candidate.elf.dynamic.versionsDefined) versions.add(version);
      found.set(name, versions);
    }
  }
  return found;
}

/** Whether some file of the change has what is missing. */
function isHad(fault: LoadFault, had: VersionsByName): boolean {
  const versions = had.get(fault.library);
  switch (fault.kind) {
    case 'missing-library':
      return versions !== undefined;
    case 'unusable-library':
      return false;
    case 'missing-version':
      return versions?.has(fault.version) ?? false;
  }
}

/**
 * Whether a package that was there before has the library that is missing, in a place of its own: what a change is
 * told must not hang on whether it brought that package along.
 */
function isElsewhere(fault: LoadFault, jail: JailFiles, registered: Registered): boolean {
  if (fault.kind !== 'missing-library') return false;
  const { library, needer } = fault;
  return registered.named(library).some((path) => {
    const elf = isNeverRun(path) ? undefined : jail.look(path)?.elf;
    if (!matches(elf, needer.elf) || !mayBeOfOneSystem(elf, needer.elf)) return false;
    return elf.dynamic.soname === undefined || elf.dynamic.soname === library;
  });
}

function namesOf({ path, elf }: Examined['candidate']): string[] {
  const { soname } = elf.dynamic;
  return soname === undefined ? [posix.basename(path)] : [posix.basename(path), soname];
}

function findingOf(
  { file, candidate }: Examined,
  fault: LoadFault,
  packages: ReadonlyMap<string, string>,
): Finding {
  const own = fault.needer.identity === candidate.identity;
  const which = own ? '' : `loads ${fault.needer.path}, which `;
  return {
    path: file.path,
    package: packages.get(fault.needer.identity) ?? file.package,
    fault: which + needOf(fault),
    library: fault.library,
  };
}

function needOf(fault: LoadFault): string {
  switch (fault.kind) {
    case 'missing-library':
      return `needs ${fault.library}, which is not where it is looked for`;
    case 'unusable-library':
      return `needs ${fault.library}, and ${fault.found} cannot be loaded into it`;
    case 'missing-version':
      return `needs ${fault.version} of ${fault.library}, which ${fault.found} does not have`;
  }
}
