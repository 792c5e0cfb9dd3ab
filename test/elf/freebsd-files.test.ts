import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readElf } from '../../src/elf/read-elf.ts';
import { systemOf } from '../../src/verify/static/linker.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { deadline } from '../lab/deadline.ts';
import { labCacheDirectory } from '../lab/repository/cache-directory.ts';
import { readelf } from './readelf.ts';

/** Real files of FreeBSD, as packages of npm have them, downloaded once. */
const files: [string, string, string][] = [
  ['@rollup/rollup-freebsd-x64@4.68.8', 'rollup.freebsd-x64.node', 'amd64'],
  ['@rollup/rollup-freebsd-arm64@4.68.8', 'rollup.freebsd-arm64.node', 'aarch64'],
  ['@esbuild/freebsd-x64@0.28.2', 'bin/esbuild', 'amd64'],
  ['@esbuild/freebsd-arm64@0.28.2', 'bin/esbuild', 'aarch64'],
];

function fetched(spec: string): string {
  const kept = join(labCacheDirectory(), 'npm');
  const name = spec.replace(/^@/, '').replace('/', '-').replace(/@/, '-');
  const archive = join(kept, `${name}.tgz`);
  if (existsSync(archive)) return archive;
  mkdirSync(kept, { recursive: true });
  const fresh = temporaryDirectory();
  execFileSync('npm', ['pack', '--silent', '--pack-destination', fresh, spec]);
  renameAcross(join(fresh, `${name}.tgz`), archive);
  return archive;
}

/** Another run may look for it at the same time: it is there as a whole, or not. */
function renameAcross(from: string, to: string): void {
  execFileSync('cp', [from, `${to}.${process.pid}`]);
  renameSync(`${to}.${process.pid}`, to);
}

test.each(files)(
  '%s: %s is read as readelf reads it',
  { timeout: deadline(240_000) },
  (spec, path, machine) => {
    const directory = temporaryDirectory();
    execFileSync('tar', ['-xzf', fetched(spec), '-C', directory]);
    const file = join(directory, 'package', path);
    const content = readFileSync(file);
    const elf = readElf((offset, length) => content.subarray(offset, offset + length), content.length);
    if (elf === undefined || 'broken' in elf) throw new Error(`${file} is not read: ${JSON.stringify(elf)}`);
    const said = readelf(file);
    const { dynamic } = elf;
    expect({
      needed: dynamic?.needed ?? [],
      soname: dynamic?.soname,
      interpreter: elf.interpreter,
      versionsNeeded: (dynamic?.versionsNeeded ?? [])
        .map(({ library, version }) => `${library} ${version}`)
        .sort(),
      versionsDefined: [...(dynamic?.versionsDefined ?? [])].sort(),
      osversion: elf.osversion,
    }).toEqual({ ...said, machine: undefined });
    expect([elf.machine, systemOf(elf)]).toEqual([machine, 'freebsd']);
    expect(said.machine).toMatch(machine === 'amd64' ? /X86-64/ : /AArch64/);
  },
);
