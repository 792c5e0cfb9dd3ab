import { posix } from 'node:path';

/** The paths that the packages of a jail have. */
export interface Registered {
  /** Whether a package has it, or had it before the change. */
  has(path: string): boolean;
  /** Where packages have files of a name now. */
  named(name: string): readonly string[];
}

/** Those of packages which own these paths, and owned those before the change. */
export function registeredPaths(
  now: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): Registered {
  let byName: ReadonlyMap<string, readonly string[]> | undefined;
  return {
    has: (path) => now.has(path) || before.has(path),
    named(name) {
      // A jail has some hundred thousand, and where nothing is missing nobody asks.
      byName ??= indexed(now.keys());
      return byName.get(name) ?? [];
    },
  };
}

function indexed(paths: Iterable<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of paths) {
    const name = posix.basename(path);
    const known = found.get(name);
    if (known) known.push(path);
    else found.set(name, [path]);
  }
  return found;
}
