import type { ConfiguredJail } from './configured.ts';

type Named = Pick<ConfiguredJail, 'name' | 'depends'>;

/**
 * The jails that jail(8) stops before it stops one: those that depend on it by `depend` or are children of it by their
 * name, those that depend on these, and so on, whether they run or not. In an order in which they can be started again,
 * each after what it depends on. Pure.
 */
export function dependentsOf<T extends Named>(name: string, configured: readonly T[]): T[] {
  const known = new Set(configured.map((jail) => jail.name));
  const found = new Set([name]);
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const jail of configured) if (needs(jail, known).some((one) => found.has(one))) found.add(jail.name);
  }
  found.delete(name);
  return inStartOrder(
    configured.filter((jail) => found.has(jail.name)),
    known,
  );
}

function inStartOrder<T extends Named>(jails: readonly T[], known: ReadonlySet<string>): T[] {
  const ordered: T[] = [];
  for (let left = [...jails]; left.length > 0; ) {
    const names = new Set(left.map(({ name }) => name));
    // Of a circle, which jail(8) does not start either, one has to be the first.
    const next = left.find((jail) => !needs(jail, known).some((one) => names.has(one))) ?? left[0];
    if (next === undefined) break;
    ordered.push(next);
    left = left.filter((jail) => jail !== next);
  }
  return ordered;
}

/** A child needs its parent, where that is configured too. */
function needs({ name, depends }: Named, known: ReadonlySet<string>): string[] {
  const parent = name.slice(0, Math.max(0, name.lastIndexOf('.')));
  return known.has(parent) ? [...depends, parent] : [...depends];
}
