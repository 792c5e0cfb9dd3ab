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
  /** Those libraries, by the names that files know them by. */
  libraries: ReadonlySet<string>;
}

/** Finds the packages that a change concerns, from the package lists before and after it. */
export function concerned(
  names: readonly string[],
  before: readonly Registered[],
  after: readonly Registered[],
): Concerned {
  const changes = new Set(names);
  const provided = new Set(
    [...before, ...after].filter(({ name }) => changes.has(name)).flatMap(({ provides }) => provides),
  );
  const present = after.map(({ name }) => name);
  const needing = after.filter(({ requires }) => requires.some((library) => provided.has(library)));
  return {
    changed: new Set(present.filter((name) => changes.has(name))),
    dependents: new Set(needing.map(({ name }) => name).filter((name) => !changes.has(name))),
    libraries: new Set([...provided].map(nameInFiles)),
  };
}

/** Where a library that is missing could come from, in words. */
export function providerOf(
  library: string,
  before: readonly Registered[],
  after: readonly Registered[],
): string {
  const has = ({ provides }: Registered): boolean => provides.map(nameInFiles).includes(library);
  const now = after.find(has);
  if (now) return `${now.name} has it elsewhere`;
  const then = before.find(has);
  return then ? `${then.name} ${then.version} had it` : 'no installed package has it';
}

/** pkg 2 marks the libraries of Linux and of 32 bits: libx.so.1:Linux:32. */
function nameInFiles(library: string): string {
  return library.replace(/(?::Linux)?(?::32)?$/, '');
}
