import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCompressed } from './compress.ts';
import type { CatalogueEntry } from './package-archive.ts';
import { TAR_END, tarMember } from './tar-writer.ts';

const META = `version = 2;
packing_format = "tzst";
manifests = "packagesite.yaml";
data = "data";
filesite = "files";
manifests_archive = "packagesite";
filesite_archive = "files";
`;

/** Writes the files that make a directory of archives a repository. */
export async function writeCatalogueFiles(
  directory: string,
  entries: readonly CatalogueEntry[],
): Promise<void> {
  const data = JSON.stringify({ groups: [], expired_packages: [], packages: entries });
  await writeMember(join(directory, 'data.pkg'), 'data', data);
  const site = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  await writeMember(join(directory, 'packagesite.pkg'), 'packagesite.yaml', site);
  for (const name of ['meta', 'meta.conf']) await writeFile(join(directory, name), META);
}

async function writeMember(path: string, name: string, text: string): Promise<void> {
  const mtime = Math.floor(Date.now() / 1000);
  const owner = { uname: 'root', gname: 'wheel' };
  const member = tarMember({ path: name, mode: 0o644, mtime, ...owner, content: Buffer.from(text) });
  await writeCompressed(path, [...member, TAR_END]);
}
