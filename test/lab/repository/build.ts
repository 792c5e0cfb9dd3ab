import { chmod, link, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildKey } from './build-key.ts';
import { markUsed, pruneBuilds } from './cache-pruning.ts';
import { writeCatalogueFiles } from './catalogue-files.ts';
import type { PackageContent } from './content.ts';
import { addFixturePackages } from './fixture-packages.ts';
import { type Machine, thisMachine } from './machine.ts';
import { compactManifest } from './manifest-of.ts';
import { packageWithMissingLibrary } from './missing-library.ts';
import { type CatalogueEntry, entryOf, writePackage } from './package-archive.ts';
import { projectDirectory } from './project.ts';
import { smallPackages } from './small-packages.ts';
import { repackSoftware } from './software.ts';

/** The directories of the lab's two repositories. */
export interface Repositories {
  current: string;
  next: string;
}

/** Builds the lab's repositories below a cache's directory, unless they are there. */
export async function buildRepositories(
  cacheDirectory: string,
  report: (line: string) => void,
): Promise<Repositories> {
  const project = projectDirectory();
  const machine = thisMachine();
  const all = join(cacheDirectory, 'repo');
  const final = join(all, await buildKey(project, machine));
  const built = { current: join(final, 'repo-1'), next: join(final, 'repo-2') };
  if (await exists(final)) {
    await markUsed(final);
    return built;
  }
  await mkdir(all, { recursive: true });
  await pruneBuilds(all);
  const temporary = await mkdtemp(join(all, '.build-'));
  try {
    const software = await repackSoftware(join(cacheDirectory, 'debs'), report);
    report(
      `writing ${software.current.length + software.next.length} packages of software and the small ones`,
    );
    const current = { directory: join(temporary, 'repo-1'), packages: withSmall(software.current, '1.0') };
    const next = { directory: join(temporary, 'repo-2'), packages: withSmall(software.next, '2.0') };
    await writeRepository(current, '1.0', project, machine);
    await writeRepository(next, '2.0', project, machine, current);
    await chmod(temporary, 0o755);
    await putInPlace(temporary, final);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return built;
}

/** Writes two repositories without software, for any machine, into a directory. */
export async function writeSmallRepositories(
  directory: string,
  machine: Machine,
  small: (version: string) => PackageContent[],
): Promise<Repositories> {
  const repositories = { current: join(directory, 'repo-1'), next: join(directory, 'repo-2') };
  const write = (place: string, version: '1.0' | '2.0'): Promise<void> =>
    writeRepository({ directory: place, packages: small(version) }, version, projectDirectory(), machine);
  await write(repositories.current, '1.0');
  await write(repositories.next, '2.0');
  return repositories;
}

interface Part {
  directory: string;
  packages: readonly PackageContent[];
}

function withSmall(software: readonly PackageContent[], version: string): PackageContent[] {
  return [...smallPackages(version), packageWithMissingLibrary(software, version), ...software];
}

async function writeRepository(
  part: Part,
  version: '1.0' | '2.0',
  project: string,
  machine: Machine,
  before?: Part,
): Promise<void> {
  const { directory, packages } = part;
  await mkdir(join(directory, 'All'), { recursive: true });
  const fixtures = join(project, 'test/fixtures/pkg', `repo-${version}`);
  const entries = await addFixturePackages(directory, fixtures, machine);
  for (const pkg of packages) {
    entries.push((await linked(pkg, part, machine, before)) ?? (await writePackage(directory, pkg, machine)));
  }
  await writeCatalogueFiles(directory, entries);
}

/** A package that is the same in the repository before shares its archive. */
async function linked(
  pkg: PackageContent,
  part: Part,
  machine: Machine,
  before: Part | undefined,
): Promise<CatalogueEntry | undefined> {
  const same = before?.packages.find((other) => other.name === pkg.name);
  if (before === undefined || same === undefined || !isSame(pkg, same, machine)) return undefined;
  const path = `All/${pkg.name}-${pkg.version}.pkg`;
  await link(join(before.directory, path), join(part.directory, path));
  return entryOf(part.directory, path, pkg.name, compactManifest(pkg, machine));
}

function isSame(one: PackageContent, other: PackageContent, machine: Machine): boolean {
  const files = one.files ?? [];
  const others = other.files ?? [];
  return (
    files.length === others.length &&
    files.every((file, index) => file.content === others[index]?.content) &&
    JSON.stringify(compactManifest(one, machine)) === JSON.stringify(compactManifest(other, machine))
  );
}

/** Whoever builds the same at the same time and ends first wins; both have the same. */
async function putInPlace(temporary: string, final: string): Promise<void> {
  try {
    await rename(temporary, final);
  } catch (error) {
    if (!(await exists(final))) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
