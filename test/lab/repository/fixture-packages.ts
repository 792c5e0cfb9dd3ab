import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackArchive } from '../pkg/archive.ts';
import { type TarEntry, tarEntries } from '../pkg/tar.ts';
import { writeCompressed } from './compress.ts';
import type { Machine } from './machine.ts';
import { type CatalogueEntry, entryOf } from './package-archive.ts';
import { TAR_END, tarMember } from './tar-writer.ts';

/** Adds the archives that the real pkg made to a repository: as they are, or relabelled for another machine. */
export async function addFixturePackages(
  directory: string,
  fixtures: string,
  machine: Machine,
): Promise<CatalogueEntry[]> {
  const entries: CatalogueEntry[] = [];
  const label = { abi: machine.abi, arch: machine.arch };
  for (const file of (await readdir(join(fixtures, 'All'))).sort()) {
    const source = join(fixtures, 'All', file);
    const path = `All/${file}`;
    const members = [...tarEntries(unpackArchive(source))];
    const compact = parsed(members, '+COMPACT_MANIFEST');
    if (compact['abi'] === machine.abi) await copyFile(source, join(directory, path));
    else await writeCompressed(join(directory, path), relabelled(members, label));
    const entry = await entryOf(directory, path, String(compact['name']), { ...compact, ...label });
    entries.push(entry);
  }
  return entries;
}

/** What the fixtures are, for the key of a build. */
export async function fixtureCatalogue(fixtures: string): Promise<Buffer> {
  return readFile(join(fixtures, 'data.pkg'));
}

function parsed(members: readonly TarEntry[], path: string): Record<string, unknown> {
  const found = members.find((member) => member.path === path);
  const value: unknown = JSON.parse(found?.content.toString('utf8') ?? 'null');
  if (typeof value !== 'object' || value === null) throw new Error(`no ${path} in a fixture`);
  return { ...value };
}

function* relabelled(members: readonly TarEntry[], label: Pick<Machine, 'abi' | 'arch'>): Generator<Buffer> {
  for (const member of members) {
    const content = member.path.startsWith('+')
      ? Buffer.from(JSON.stringify({ ...parsed([member], member.path), ...label }))
      : member.content;
    yield* tarMember({
      ...member,
      path: member.path.replace(/(.)\/$/, '$1'),
      content: member.type === 'directory' ? 'directory' : content,
    });
  }
  yield TAR_END;
}
