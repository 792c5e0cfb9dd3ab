import type { Linker } from './linker.ts';
import {
  type Candidate,
  type Hit,
  type Linkable,
  type Loaded,
  type Look,
  matches,
  search,
} from './search.ts';

/** Why a dynamic linker would give up. */
export type LoadFault = {
  /** The file that needs what is missing. */
  needer: Loaded;
  library: string;
} & (
  | { kind: 'missing-library' }
  /** There is something by its name, and it cannot be loaded. */
  | { kind: 'unusable-library'; found: string }
  | { kind: 'missing-version'; found: string; version: string }
);

/** What is in memory when a program is about to start, and what is missing then. */
export interface Load {
  objects: readonly Loaded[];
  faults: readonly LoadFault[];
}

/**
 * Does what a dynamic linker does before a program's first instruction, but for running anything: finds each library
 * that is needed, in its order, breadth first, and looks whether it has the versions of symbols that are needed of it.
 */
export function load(candidate: Candidate & { elf: Loaded['elf'] }, linker: Linker, look: Look): Load {
  const program: Loaded = { ...candidate, found: candidate.path, loader: undefined };
  const objects: Loaded[] = [program];
  const faults: LoadFault[] = [];
  const byName = new Map<string, Loaded>();
  const byIdentity = new Map([[program.identity, program]]);
  const name = (object: Loaded, ...names: (string | undefined)[]): void => {
    for (const one of names) if (one !== undefined && !byName.has(one)) byName.set(one, object);
  };
  name(program, program.elf.dynamic.soname);
  // What is found is put behind the others, and has its turn.
  for (const needer of objects) {
    for (const library of needer.elf.dynamic.needed) {
      if (byName.has(library)) continue;
      const hit = search(library, needer, linker, look);
      if (!usable(hit, needer)) {
        faults.push(hit ? unusable(needer, library, hit) : { kind: 'missing-library', needer, library });
        continue;
      }
      const known = byIdentity.get(hit.candidate.identity);
      const { path, identity, elf } = hit.candidate;
      const object = known ?? { path, identity, elf, found: hit.found, loader: needer };
      name(object, library, object.elf.dynamic.soname);
      if (known) continue;
      byIdentity.set(object.identity, object);
      objects.push(object);
    }
  }
  const versions = objects.flatMap((needer) => versionFaults(needer, byName, linker));
  return { objects, faults: [...faults, ...versions] };
}

function usable(
  hit: Hit | undefined,
  needer: Loaded,
): hit is Hit & { candidate: Candidate & { elf: Loaded['elf'] } } {
  return hit !== undefined && matches(hit.candidate.elf, needer.elf);
}

function unusable(needer: Loaded, library: string, { found }: Hit): LoadFault {
  return { kind: 'unusable-library', needer, library, found };
}

function versionFaults(
  needer: Loaded,
  byName: ReadonlyMap<string, Loaded>,
  { trustsUnversioned }: Linker,
): LoadFault[] {
  const faults: LoadFault[] = [];
  for (const { library, version, weak } of needer.elf.dynamic.versionsNeeded) {
    const giver = byName.get(library);
    if (giver === undefined) continue;
    const defined = versionsOf(giver.elf);
    // rtld(1) asks whether a library has versions before it asks whether this one is needed.
    if (defined.size === 0 ? trustsUnversioned : weak || defined.has(version)) continue;
    faults.push({ kind: 'missing-version', needer, library, version, found: giver.path });
  }
  return faults;
}

/** Those of a library that many programs load are gathered once. */
const definitions = new WeakMap<Linkable, ReadonlySet<string>>();

function versionsOf(library: Linkable): ReadonlySet<string> {
  const versions = definitions.get(library) ?? new Set(library.dynamic.versionsDefined);
  definitions.set(library, versions);
  return versions;
}
