import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memberOf, unpackArchive } from '../pkg/archive.ts';
import type { Manifest, RemotePackage } from '../pkg/manifest.ts';
import { readManifest, readRemote } from '../pkg/manifest-json.ts';
import { type TarEntry, tarEntries } from '../pkg/tar.ts';

/** A package's archive, taken apart. */
export interface ReadArchive {
  compact: Record<string, unknown>;
  full: Record<string, unknown>;
  manifest: Manifest;
  members: TarEntry[];
}

/** The entries of a repository's data.pkg, as they are written. */
export function catalogueEntries(directory: string): Record<string, unknown>[] {
  const data = memberOf(readFileSync(join(directory, 'data.pkg')), 'data');
  const read = jsonObject(data);
  if (!Array.isArray(read['packages'])) throw new Error('no packages in data.pkg');
  return read['packages'].map((entry: unknown) => ({ ...Object(entry) }));
}

/** The packages of a repository. */
export function catalogue(directory: string): RemotePackage[] {
  return catalogueEntries(directory).map((entry) => {
    const remote = readRemote(entry, 'lab');
    if (remote === undefined) throw new Error(`no package: ${JSON.stringify(entry)}`);
    return remote;
  });
}

/** Reads one archive of a repository. */
export function readArchive(directory: string, pkg: { repopath: string }): ReadArchive {
  const members = [...tarEntries(unpackArchive(join(directory, pkg.repopath)))];
  const [first, second, ...rest] = members;
  if (first?.path !== '+COMPACT_MANIFEST' || second?.path !== '+MANIFEST') throw new Error('manifests first');
  const full = jsonObject(second.content);
  const manifest = readManifest(full);
  if (manifest === undefined) throw new Error(`no manifest in ${pkg.repopath}`);
  return { compact: jsonObject(first.content), full, manifest, members: rest };
}

function jsonObject(text: Buffer | undefined): Record<string, unknown> {
  const value: unknown = JSON.parse(text?.toString('utf8') ?? 'null');
  if (typeof value !== 'object' || value === null) throw new Error('no object');
  return { ...value };
}
