import type { PackageContent } from './content.ts';

type Needs = ReadonlyMap<string, ReadonlySet<string>>;

/** Gives packages their dependencies: no empty packages, and no circles, which pkg has not. */
export function withDependencies(packages: readonly PackageContent[], needs: Needs): PackageContent[] {
  const kept = new Map(packages.filter(hasContent).map((pkg) => [pkg.name, pkg]));
  const direct = new Map(
    [...kept.keys()].map((name) => [name, reached(name, needs, (other) => kept.has(other))]),
  );
  for (const name of kept.keys()) breakCircles(name, direct, []);
  return [...kept.values()].map((pkg) => {
    const deps = [...(direct.get(pkg.name) ?? [])].sort().flatMap((name) => {
      const other = kept.get(name);
      return other === undefined ? [] : [[name, { origin: other.origin, version: other.version }] as const];
    });
    return { ...pkg, deps: new Map(deps) };
  });
}

function hasContent(pkg: PackageContent): boolean {
  return (pkg.files ?? []).length + (pkg.links ?? []).length > 0;
}

/** What a package needs directly, or through packages that are left out. */
function reached(name: string, needs: Needs, isKept: (name: string) => boolean): Set<string> {
  const found = new Set<string>();
  const passed = new Set([name]);
  const queue = [...(needs.get(name) ?? [])];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (passed.has(next)) continue;
    passed.add(next);
    if (isKept(next)) found.add(next);
    else queue.push(...(needs.get(next) ?? []));
  }
  return found;
}

function breakCircles(name: string, direct: Map<string, Set<string>>, above: readonly string[]): void {
  const needed = direct.get(name) ?? new Set();
  for (const other of [...needed]) {
    if (other === name || above.includes(other)) needed.delete(other);
    else breakCircles(other, direct, [...above, name]);
  }
}
