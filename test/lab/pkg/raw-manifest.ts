import type { LocalPackage, Manifest } from './manifest.ts';

/** A package as `info --raw` prints it: the keys in pkg's order, empty ones left out. */
export function rawManifest(pkg: Manifest, local?: LocalPackage): Record<string, unknown> {
  const some = (key: string, value: object | readonly unknown[]): Record<string, unknown> =>
    Object.keys(value).length > 0 ? { [key]: value } : {};
  const map = <T>(entries: readonly T[], key: (entry: T) => string, value: (entry: T) => unknown) =>
    Object.fromEntries(entries.map((entry) => [key(entry), value(entry)]));
  const perm = (mode: number): string => mode.toString(8).padStart(4, '0');
  return {
    name: pkg.name,
    origin: pkg.origin,
    version: pkg.version,
    comment: pkg.comment,
    maintainer: pkg.maintainer,
    www: pkg.www,
    abi: pkg.abi,
    arch: pkg.arch,
    prefix: pkg.prefix,
    flatsize: pkg.flatsize,
    ...(local === undefined ? {} : { timestamp: local.time }),
    ...(pkg.vital ? { vital: true } : {}),
    ...(local === undefined
      ? some('licenses', pkg.licenses)
      : { licenses: pkg.licenses.length > 0 ? pkg.licenses : [''] }),
    desc: pkg.desc,
    ...some(
      'deps',
      map(
        pkg.deps,
        (dep) => dep.name,
        ({ origin, version }) => ({ origin, version }),
      ),
    ),
    ...some('categories', pkg.categories),
    ...some('users', pkg.users),
    ...some('groups', pkg.groups),
    ...some('shlibs_required', pkg.shlibsRequired),
    ...some('shlibs_provided', pkg.shlibsProvided),
    ...some('provides', pkg.provides),
    ...some('requires', pkg.requires),
    ...some('options', pkg.options),
    ...some('annotations', sorted(pkg.annotations)),
    ...some(
      'files',
      map(
        pkg.files,
        (file) => file.path,
        (file) => ({
          sum: file.sum,
          uname: file.uname,
          gname: file.gname,
          perm: perm(file.perm),
          mtime: file.mtime,
          ...(file.symlinkTarget === undefined ? {} : { symlink_target: file.symlinkTarget }),
        }),
      ),
    ),
    ...some('config', pkg.config),
    ...some(
      'directories',
      map(
        pkg.directories,
        (entry) => entry.path,
        ({ uname, gname, perm: mode }) => ({ uname, gname, perm: perm(mode) }),
      ),
    ),
    ...some('scripts', pkg.scripts),
    ...some('lua_scripts', pkg.luaScripts),
    ...some(
      'messages',
      pkg.messages.map(({ message, type }) => ({ message, ...(type === undefined ? {} : { type }) })),
    ),
  };
}

function sorted(values: Record<string, string>): Record<string, string> {
  // pkg's order: repo_type before repository, as they come out of its database.
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
