import { posix } from 'node:path';
import type { Finding } from './finding.ts';
import type { JailFiles } from './jail-files.ts';
import type { Linkers } from './linkers.ts';
import { type Load, type LoadFault, load } from './load.ts';
import type { Candidate, Linkable } from './search.ts';

/** A program or library that fits its jail. */
export interface Examined {
  file: { path: string; package: string };
  candidate: Candidate & { elf: Linkable };
}

/** A finding, and whether it keeps software from running. */
interface Judged {
  decides: boolean;
  finding: Finding;
}

/**
 * Loads every program, and every library that none of the programs has loaded, as the dynamic linker would. A library
 * that lies where nothing looks for it can be in memory already when a plugin needs it; a program has no such excuse.
 */
export function judgeLoading(examined: readonly Examined[], jail: JailFiles, linkers: Linkers): Judged[] {
  const loaded = new Set<string>();
  const judged = new Map<string, Judged>();
  const packages = new Map(examined.map(({ file, candidate }) => [candidate.identity, file.package]));
  const names = new Set(examined.flatMap(({ candidate }) => namesOf(candidate)));
  const judge = (one: Examined, { faults }: Load, excuse: (fault: LoadFault) => boolean): void => {
    for (const fault of faults) {
      const key = `${fault.needer.identity} ${fault.library} ${fault.kind === 'missing-version' ? fault.version : ''}`;
      if (judged.has(key)) continue;
      judged.set(key, { decides: !excuse(fault), finding: findingOf(one, fault, packages) });
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
    if (done) judge(library, done, (fault) => fault.kind === 'missing-library' && names.has(fault.library));
  }
  return [...judged.values()];
}

function isProgram({ candidate }: Examined): boolean {
  return candidate.elf.interpreter !== undefined;
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
