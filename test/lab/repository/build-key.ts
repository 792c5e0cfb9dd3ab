import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from './machine.ts';

const RECIPE = 'test/lab/repository';
const PARTS = ['test/lab/pkg/sums.ts', 'test/lab/pkg/tar.ts'];
const FIXTURES = ['repo-1.0', 'repo-2.0'].map((name) => `test/fixtures/pkg/${name}/data.pkg`);

/**
 * Names what repositories are made of: the recipe, the fixtures, the distribution and the machine.
 * Not the archive's versions of today: asking for those takes seconds, and a lab starts more often than they change.
 */
export async function buildKey(project: string, machine: Machine): Promise<string> {
  const hash = createHash('sha256').update(machine.abi);
  const recipe = (await readdir(join(project, RECIPE)))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort()
    .map((name) => `${RECIPE}/${name}`);
  for (const path of [...recipe, ...PARTS, ...FIXTURES]) {
    hash.update(`\n${path}\n`).update(await readFile(join(project, path)));
  }
  hash.update(await distribution());
  return hash.digest('hex').slice(0, 16);
}

async function distribution(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => /^(ID|VERSION_ID)=/.test(line))
    .join('\n');
}
