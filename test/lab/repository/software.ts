import type { PackageContent } from './content.ts';
import { type Closure, findClosure } from './debian-closure.ts';
import { downloadDebs } from './debian-download.ts';
import type { DebianRecord } from './debian-records.ts';
import { unpackDeb } from './debian-unpack.ts';
import { finishPackage } from './finish-package.ts';
import { withLibraries } from './libraries.ts';
import { packageName, packageVersion } from './names.ts';
import { withDependencies } from './software-dependencies.ts';

/** The packages of real software, in the older and in the newer version that the archive has. */
export interface Software {
  current: PackageContent[];
  next: PackageContent[];
}

/** Repacks PostgreSQL, nginx and all that they need from the distribution's archive. */
export async function repackSoftware(downloads: string, report: (line: string) => void): Promise<Software> {
  report("asking the distribution's archive what PostgreSQL and nginx need");
  const closure = await findClosure();
  const current = pickVersions(closure, 'older');
  const next = pickVersions(closure, 'newest');
  const paths = await downloadDebs(
    downloads,
    [...new Set([...current, ...next].map(([, record]) => record))],
    report,
  );
  report(`repacking ${paths.size} packages`);
  const older = await assemble(closure, current, paths, report);
  const newer = await assemble(closure, next, paths, () => undefined);
  return { current: older, next: newer.map((pkg) => withHigherVersion(pkg, older, closure)) };
}

type Picked = [name: string, record: DebianRecord][];

/** Only the programs differ between the repositories: their libraries are the newest in both. */
function pickVersions(closure: Closure, which: 'older' | 'newest'): Picked {
  return [...closure.records].flatMap(([name, records]): Picked => {
    const older = which === 'older' && isProgram(packageName(name)) ? records[1] : undefined;
    const record = older ?? records[0];
    return record === undefined ? [] : [[name, record]];
  });
}

function isProgram(name: string): boolean {
  return /^(postgresql\d+-|libpq5$|nginx$)/.test(name);
}

async function assemble(
  closure: Closure,
  picked: Picked,
  paths: Map<DebianRecord, string>,
  report: (line: string) => void,
): Promise<PackageContent[]> {
  const records = new Map(picked);
  const packages: PackageContent[] = [];
  for (const [name, parts] of closure.parts) {
    const first = records.get(parts.find((part) => part === name) ?? parts[0] ?? '');
    if (first === undefined) continue;
    const pkg: PackageContent = {
      name,
      version: packageVersion(first.version),
      origin: `${isProgram(name) ? 'databases' : 'devel'}/${name}`.replace('databases/nginx', 'www/nginx'),
      comment: first.summary,
      www: first.homepage,
      files: [],
      links: [],
    };
    for (const part of parts) {
      const record = records.get(part);
      const path = record === undefined ? undefined : paths.get(record);
      if (path === undefined) continue;
      const { files, links } = await unpackDeb(path);
      pkg.files?.push(...files);
      pkg.links?.push(...links);
    }
    packages.push(finishPackage(pkg, closure.major));
  }
  return withDependencies(withLibraries(packages, report), closure.needs);
}

/** Where the archive has one upstream version only, the newer package is a revision of it. */
function withHigherVersion(
  pkg: PackageContent,
  older: readonly PackageContent[],
  closure: Closure,
): PackageContent {
  const raised = (name: string, version: string): string => {
    const same = older.some((other) => other.name === name && other.version === version);
    return same && isProgram(name) && closure.parts.has(name) ? `${version}_1` : version;
  };
  const deps = [...(pkg.deps ?? [])].map(
    ([name, { origin, version }]) => [name, { origin, version: raised(name, version) }] as const,
  );
  return { ...pkg, version: raised(pkg.name, pkg.version), deps: new Map(deps) };
}
