import { posix } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { RemotePackage } from '../pkg/manifest.ts';
import { buildRepositories } from './build.ts';
import { labCacheDirectory } from './cache-directory.ts';
import { readElf } from './elf.ts';
import { catalogue, type ReadArchive, readArchive } from './read-repository.ts';

const directories: string[] = [];

beforeAll(async () => {
  const { current, next } = await buildRepositories(labCacheDirectory(), () => undefined);
  directories.push(current, next);
}, 300_000);

it('has PostgreSQL, nginx and a package for each kind of failure', () => {
  for (const directory of directories) {
    const names = catalogue(directory).map((pkg) => pkg.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(SMALL));
    expect(names).toEqual(expect.arrayContaining(['nginx', 'glibc', 'openssl', 'tzdata']));
    expect(names.filter((name) => /^postgresql\d+-(server|client)$/.test(name)).length).toBe(2);
  }
});

it('has every dependency, in the version that is there', () => {
  for (const directory of directories) {
    const packages = new Map(catalogue(directory).map((pkg) => [pkg.name, pkg]));
    for (const pkg of packages.values()) {
      for (const dep of pkg.deps) {
        const { origin, version } = packages.get(dep.name) ?? {};
        expect([pkg.name, dep.name, origin, version]).toEqual([pkg.name, dep.name, dep.origin, dep.version]);
      }
      expect(needed(pkg.name, packages).has(pkg.name)).toBe(false);
    }
  }
});

it('has, among what a package depends on, each interpreter and library that its files need', () => {
  for (const directory of directories) {
    const packages = new Map(catalogue(directory).map((pkg) => [pkg.name, pkg]));
    const archives = new Map<string, ReadArchive>();
    for (const pkg of packages.values()) {
      if (pkg.name !== 'big') archives.set(pkg.name, readArchive(directory, pkg));
    }
    let checked = 0;
    for (const [name, { members }] of archives) {
      const paths = new Set<string>();
      for (const other of [name, ...needed(name, packages)]) {
        for (const file of archives.get(other)?.manifest.files ?? []) paths.add(file.path);
      }
      const libraries = new Set([...paths].map((path) => posix.basename(path)));
      for (const member of members) {
        const elf = readElf(member.content);
        if (elf === undefined) continue;
        checked += 1;
        if (elf.interpreter !== undefined) expect([...paths]).toContain(elf.interpreter);
        const missing = elf.needed.filter((library) => !libraries.has(library));
        expect([member.path, ...missing]).toEqual([
          member.path,
          ...(name === 'needslib' ? ['libq.so.6'] : []),
        ]);
      }
    }
    expect(checked).toBeGreaterThan(150);
  }
});

it('has no link that leads nowhere', () => {
  const [directory = ''] = directories;
  const members = catalogue(directory)
    .filter((pkg) => pkg.name !== 'big')
    .flatMap((pkg) => readArchive(directory, pkg).members);
  const paths = new Set(members.map((member) => member.path.replace(/\/$/, '')));
  const above = new Set([...paths].flatMap((path) => [posix.dirname(path)]));
  const dangling = members.filter((member) => {
    if (member.type !== 'symlink') return false;
    const target = posix.resolve(posix.dirname(member.path), member.linkTarget);
    return !paths.has(target) && !above.has(target);
  });
  expect(dangling.map((member) => `${member.path} -> ${member.linkTarget}`)).toEqual([]);
});

function needed(name: string, packages: ReadonlyMap<string, RemotePackage>): Set<string> {
  const found = new Set<string>();
  const queue = (packages.get(name)?.deps ?? []).map((dep) => dep.name);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    queue.push(...(packages.get(next)?.deps ?? []).map((dep) => dep.name));
  }
  return found;
}

const SMALL = [
  ...['tiny', 'hello', 'libfoo', 'prefail', 'depprefail', 'postfail', 'postfail2', 'predefail', 'presig'],
  ...[
    'preexit3',
    'postexit3',
    'luafail',
    'confl',
    'vital',
    'trigfail',
    'conf',
    'slow',
    'pause',
    'daemon',
    'big',
  ],
  ...['nosy', 'many', 'probe', 'badprog', 'devnull', 'escape', 'chain', 'needslib'],
];
