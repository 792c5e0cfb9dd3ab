import { type DebianRecord, debianNames, debianProviders, debianRecords } from './debian-records.ts';
import { isLeftOut, packageName } from './names.ts';

/** The distribution's packages that go into the lab's repositories, and what needs what. */
export interface Closure {
  /** PostgreSQL's major version. */
  major: string;
  /** Every version of each package that the archive has, the newest first. */
  records: Map<string, DebianRecord[]>;
  /** For each of the lab's packages the distribution's packages it is made of. */
  parts: Map<string, string[]>;
  /** For each of the lab's packages the lab's packages it needs. */
  needs: Map<string, Set<string>>;
}

/** Finds everything that PostgreSQL and nginx need, down to the C library. */
export async function findClosure(): Promise<Closure> {
  const major = await newestPostgres();
  const records = new Map<string, DebianRecord[]>();
  const edges = new Map<string, string[]>();
  let wanted = [`postgresql-${major}`, `postgresql-client-${major}`, 'nginx'];
  const fetched = await debianRecords(wanted);
  while (wanted.length > 0) {
    const choices = new Map<string, string[][]>();
    for (const name of wanted) {
      const versions = fetched.get(name);
      if (versions === undefined) throw new Error(`the package archive has no ${name}: ${ADVICE}`);
      records.set(name, versions);
      choices.set(name, versions[0]?.depends ?? []);
    }
    const unknown = new Set(
      [...choices.values()].flat(2).filter((name) => isNew(name) && !fetched.has(name)),
    );
    for (const [name, versions] of await debianRecords([...unknown])) fetched.set(name, versions);
    for (const [name, depends] of choices) {
      const chosen = await Promise.all(depends.map(choose));
      edges.set(
        name,
        chosen.filter((one) => one !== undefined),
      );
    }
    wanted = [...new Set([...choices.keys()].flatMap((name) => edges.get(name) ?? []))].filter(isNew);
  }
  return { major, records, ...grouped(edges) };

  function isNew(name: string): boolean {
    return !records.has(name) && !isLeftOut(name);
  }

  async function choose(alternatives: readonly string[]): Promise<string | undefined> {
    if (alternatives.some(isLeftOut)) return undefined;
    const real = alternatives.find((name) => fetched.has(name));
    if (real !== undefined) return real;
    const providers = (await Promise.all(alternatives.map(debianProviders))).flat();
    if (providers.some(isLeftOut)) return undefined;
    const provider = providers[0];
    if (provider !== undefined && !fetched.has(provider)) {
      for (const [name, versions] of await debianRecords([provider])) fetched.set(name, versions);
    }
    if (provider === undefined) throw new Error(`nothing provides ${alternatives.join(' | ')}: ${ADVICE}`);
    return provider;
  }
}

const ADVICE = 'run `apt-get update`, and see that the main (on Ubuntu also universe) component is enabled';

async function newestPostgres(): Promise<string> {
  const majors = (await debianNames('postgresql-')).flatMap((name) => {
    const match = /^postgresql-(\d+)$/.exec(name);
    return match?.[1] === undefined ? [] : [match[1]];
  });
  const known = await debianRecords(majors.map((major) => `postgresql-${major}`));
  const newest = majors
    .filter((major) => known.has(`postgresql-${major}`))
    .sort((one, other) => Number(other) - Number(one))[0];
  if (newest === undefined) throw new Error(`the package archive has no PostgreSQL server: ${ADVICE}`);
  return newest;
}

function grouped(edges: Map<string, string[]>): Pick<Closure, 'parts' | 'needs'> {
  const parts = new Map<string, string[]>();
  const needs = new Map<string, Set<string>>();
  for (const [name, depends] of edges) {
    const into = packageName(name);
    parts.set(into, [...(parts.get(into) ?? []), name]);
    const all = needs.get(into) ?? new Set();
    for (const one of depends) if (packageName(one) !== into) all.add(packageName(one));
    needs.set(into, all);
  }
  // Debian's C library and GCC's run-time library need each other; pkg has no circles.
  needs.set('glibc', new Set());
  return { parts, needs };
}
