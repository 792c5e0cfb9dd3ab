import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A package of the distribution's archive, in one version. */
export interface DebianRecord {
  name: string;
  version: string;
  /** For every dependency the packages that satisfy it. */
  depends: string[][];
  summary: string;
  homepage: string;
}

/** What the distribution's archive has of some packages, the newest version first; none of those it lacks. */
export async function debianRecords(names: readonly string[]): Promise<Map<string, DebianRecord[]>> {
  const found = new Map<string, DebianRecord[]>();
  if (names.length === 0) return found;
  for (const stanza of (await aptCache(['show', '--', ...names])).split(/\n\n+/)) {
    const fields = fieldsOf(stanza);
    const name = fields.get('Package');
    const version = fields.get('Version');
    // A version without a place in the archive is only installed here.
    if (name === undefined || version === undefined || !fields.has('Filename')) continue;
    const record = {
      name,
      version,
      depends: [...dependencies(fields.get('Pre-Depends')), ...dependencies(fields.get('Depends'))],
      summary: fields.get('Description-en') ?? fields.get('Description') ?? name,
      homepage: fields.get('Homepage') ?? 'https://www.debian.org/',
    };
    const known = found.get(name) ?? [];
    if (!known.some((other) => other.version === version)) found.set(name, [...known, record]);
  }
  return found;
}

/** Packages that provide a virtual one. */
export async function debianProviders(name: string): Promise<string[]> {
  const [, providers = ''] = (await aptCache(['showpkg', '--', name])).split('Reverse Provides:');
  return providers
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((provider) => provider !== '');
}

/** The names in the archive that begin with a text. */
export async function debianNames(prefix: string): Promise<string[]> {
  return (await aptCache(['pkgnames', '--', prefix])).split('\n').filter((name) => name !== '');
}

async function aptCache(args: readonly string[]): Promise<string> {
  try {
    return (await run('apt-cache', args, { maxBuffer: 2 ** 26, env: environment() })).stdout;
  } catch (error) {
    // A name that the archive lacks makes the status 100; what it has is printed all the same.
    if (error instanceof Error && 'stdout' in error && 'code' in error && error.code === 100) {
      return String(error.stdout);
    }
    throw error;
  }
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C' };
}

function fieldsOf(stanza: string): Map<string, string> {
  const pairs = stanza.split('\n').flatMap((line): [string, string][] => {
    const match = /^([A-Za-z0-9-]+): (.*)$/.exec(line);
    return match?.[1] === undefined || match[2] === undefined ? [] : [[match[1], match[2]]];
  });
  return new Map(pairs);
}

function dependencies(field: string | undefined): string[][] {
  if (field === undefined) return [];
  return field.split(',').map((one) => one.split('|').map((name) => name.trim().replace(/[ (:].*$/s, '')));
}
