/** A package as far as libraries go. */
interface Registered {
  name: string;
  version: string;
  provides: readonly string[];
  requires: readonly string[];
}

/** Whose files a change can have broken. */
export interface Concerned {
  /** The packages that are new or another version now. */
  changed: ReadonlySet<string>;
  /** The others that need a library which a changed package has, or had. */
  dependents: ReadonlySet<string>;
  /** Those libraries, by name. */
  libraries: ReadonlySet<string>;
}

/** Finds the packages that a change concerns, from the package lists before and after it. */
export function concerned(
  names: readonly string[],
  before: readonly Registered[],
  after: readonly Registered[],
): Concerned {
  const changes = new Set(names);
  const libraries = new Set(
    [...before, ...after].filter(({ name }) => changes.has(name)).flatMap(({ provides }) => provides),
  );
  const present = after.map(({ name }) => name);
  const needing = after.filter(({ requires }) => requires.some((library) => libraries.has(library)));
  return {
    changed: new Set(present.filter((name) => changes.has(name))),
    dependents: new Set(needing.map(({ name }) => name).filter((name) => !changes.has(name))),
    libraries,
  };
}

/** Where a library that is missing could come from, in words. */
export function providerOf(
  library: string,
  before: readonly Registered[],
  after: readonly Registered[],
): string {
  const now = after.find(({ provides }) => provides.includes(library));
  if (now) return `${now.name} has it elsewhere`;
  const then = before.find(({ provides }) => provides.includes(library));
  return then ? `${then.name} ${then.version} had it` : 'no installed package has it';
}
