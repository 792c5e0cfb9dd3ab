import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blake2Sum } from '../pkg/sums.ts';
import { writeCompressed } from './compress.ts';
import { FIXED_TIME, type PackageContent } from './content.ts';
import type { Machine } from './machine.ts';
import { compactManifest, fullManifest } from './manifest-of.ts';
import { TAR_END, type TarMember, tarMember } from './tar-writer.ts';

/** A package's entry in the catalogue. */
export type CatalogueEntry = Record<string, unknown> & { name: string };

/** Writes a package's archive below a repository's directory; gives its entry in the catalogue. */
export async function writePackage(
  directory: string,
  pkg: PackageContent,
  machine: Machine,
): Promise<CatalogueEntry> {
  const path = `All/${pkg.name}-${pkg.version}.pkg`;
  await writeCompressed(join(directory, path), archiveBlocks(pkg, machine));
  return entryOf(directory, path, pkg.name, compactManifest(pkg, machine));
}

/** The catalogue's entry of an archive that is there: its manifest with what only the repository knows. */
export async function entryOf(
  directory: string,
  path: string,
  name: string,
  compact: Record<string, unknown>,
): Promise<CatalogueEntry> {
  const archive = await readFile(join(directory, path));
  const entry: CatalogueEntry = { name };
  for (const [key, value] of Object.entries(compact)) {
    if (key === 'flatsize') entry['sum'] = blake2Sum(archive);
    entry[key] = value;
    if (key === 'flatsize') Object.assign(entry, { path, repopath: path, pkgsize: archive.length });
  }
  return entry;
}

function* archiveBlocks(pkg: PackageContent, machine: Machine): Generator<Buffer> {
  const manifests = [
    ['+COMPACT_MANIFEST', compactManifest(pkg, machine)],
    ['+MANIFEST', fullManifest(pkg, machine)],
  ] as const;
  for (const [path, manifest] of manifests) {
    const content = Buffer.from(JSON.stringify(manifest));
    yield* tarMember({ path, mode: 0o644, mtime: 0, uname: 'root', gname: 'wheel', content });
  }
  for (const member of members(pkg)) yield* tarMember(member);
  yield TAR_END;
}

function members(pkg: PackageContent): TarMember[] {
  const owner = { uname: 'root', gname: 'wheel' };
  const files = (pkg.files ?? []).map(({ path, content, mode, mtime }): TarMember => {
    return { ...owner, path, content, mode: mode ?? 0o644, mtime: mtime ?? FIXED_TIME };
  });
  const links = (pkg.links ?? []).map(({ path, target, mtime }): TarMember => {
    return { ...owner, path, content: { linkTarget: target }, mode: 0o755, mtime: mtime ?? FIXED_TIME };
  });
  const directories = (pkg.directories ?? []).map(({ path, mode, uname, gname }): TarMember => {
    const own = { uname: uname ?? 'root', gname: gname ?? 'wheel' };
    return { ...own, path, content: 'directory', mode, mtime: FIXED_TIME };
  });
  return [...files, ...links].sort((one, other) => (one.path < other.path ? -1 : 1)).concat(directories);
}
