import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DebianRecord } from './debian-records.ts';

const run = promisify(execFile);

/** Gives the archive files of packages, downloading those that the directory lacks. */
export async function downloadDebs(
  directory: string,
  records: readonly DebianRecord[],
  report: (line: string) => void,
): Promise<Map<DebianRecord, string>> {
  await mkdir(directory, { recursive: true });
  const missing = await lacking(directory, records);
  if (missing.length > 0) {
    report(`downloading ${missing.length} packages from the distribution's archive`);
    await download(directory, missing);
  }
  const stillMissing = (await lacking(directory, records)).map(label);
  if (stillMissing.length > 0) throw new Error(`apt-get did not download ${stillMissing.join(', ')}`);
  const files = await readdir(directory);
  return new Map(
    records.map((record) => {
      const file = files.find((name) => isFileOf(name, record)) ?? '';
      return [record, join(directory, file)];
    }),
  );
}

async function download(directory: string, records: readonly DebianRecord[]): Promise<void> {
  // Names appear whole or not at all, whoever else downloads the same.
  const temporary = await mkdtemp(join(directory, '.download-'));
  try {
    const names = records.map(label);
    // As root throughout: apt's own user cannot write here.
    const args = ['-q', '-o', 'APT::Sandbox::User=root', 'download', '--', ...names];
    await run('apt-get', args, { cwd: temporary, env: { ...process.env, LC_ALL: 'C' }, maxBuffer: 2 ** 24 });
    for (const name of await readdir(temporary)) await rename(join(temporary, name), join(directory, name));
  } catch (error) {
    throw new Error(
      `apt-get could not download what the lab's repositories are made of. Check the network (and a proxy in ` +
        `apt's configuration), and run \`apt-get update\`: the archive may have newer versions.\n${detail(error)}`,
    );
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function detail(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return text === '' ? String(error) : text;
}

async function lacking(directory: string, records: readonly DebianRecord[]): Promise<DebianRecord[]> {
  const files = await readdir(directory);
  return records.filter((record) => !files.some((name) => isFileOf(name, record)));
}

function label(record: DebianRecord): string {
  return `${record.name}=${record.version}`;
}

function isFileOf(file: string, record: DebianRecord): boolean {
  const version = record.version.replaceAll(':', '%3a');
  return file.startsWith(`${record.name}_${version}_`) && file.endsWith('.deb');
}
