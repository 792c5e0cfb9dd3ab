import { blake2Sum, linkContent } from '../pkg/sums.ts';
import { FIXED_TIME, type PackageContent } from './content.ts';
import type { Machine } from './machine.ts';

/** The keys that a package's entry in the catalogue and its +COMPACT_MANIFEST have, apart from the archive's. */
export function compactManifest(pkg: PackageContent, machine: Machine): Record<string, unknown> {
  return {
    name: pkg.name,
    origin: pkg.origin,
    version: pkg.version,
    comment: pkg.comment,
    maintainer: pkg.maintainer ?? 't@example.org',
    www: pkg.www ?? 'https://example.org/',
    abi: machine.abi,
    arch: machine.arch,
    prefix: '/usr/local',
    flatsize: flatSize(pkg),
    ...(pkg.vital === true ? { vital: true } : {}),
    desc: pkg.desc ?? pkg.comment,
    ...some('deps', Object.fromEntries(pkg.deps ?? [])),
    categories: [pkg.origin.split('/')[0] ?? 'test'],
    ...some('users', pkg.users),
    ...some('groups', pkg.groups),
    ...some('shlibs_required', pkg.shlibsRequired),
    ...some('shlibs_provided', pkg.shlibsProvided),
    annotations: { FreeBSD_version: String(machine.osversion) },
    ...some('messages', pkg.messages),
  };
}

/** A package's whole +MANIFEST. */
export function fullManifest(pkg: PackageContent, machine: Machine): Record<string, unknown> {
  const files: [string, Record<string, unknown>][] = [];
  for (const { path, content, mode, mtime } of pkg.files ?? []) {
    files.push([path, fileEntry(blake2Sum(content), mode ?? 0o644, mtime)]);
  }
  for (const { path, target, mtime } of pkg.links ?? []) {
    files.push([
      path,
      { ...fileEntry(blake2Sum(linkContent(target)), 0o755, mtime), symlink_target: target },
    ]);
  }
  const directories = (pkg.directories ?? []).map(({ path, mode, uname, gname }) => [
    path,
    { uname: uname ?? 'root', gname: gname ?? 'wheel', perm: octal(mode) },
  ]);
  return {
    ...compactManifest(pkg, machine),
    ...some('files', Object.fromEntries(files.sort(([one], [other]) => (one < other ? -1 : 1)))),
    ...some('config', pkg.config),
    ...some('directories', Object.fromEntries(directories)),
    ...some('scripts', pkg.scripts),
    ...some('lua_scripts', pkg.luaScripts),
  };
}

function flatSize(pkg: PackageContent): number {
  return (pkg.files ?? []).reduce((sum, file) => sum + file.content.length, 0);
}

function fileEntry(sum: string, mode: number, mtime = FIXED_TIME): Record<string, unknown> {
  return { sum, uname: 'root', gname: 'wheel', perm: octal(mode), mtime };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** pkg leaves out what is empty. */
function some(key: string, value: object | undefined): Record<string, unknown> {
  return value === undefined || Object.keys(value).length === 0 ? {} : { [key]: value };
}
