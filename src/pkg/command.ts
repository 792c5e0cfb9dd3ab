import { refused } from '../error.ts';
import { findExecutable } from '../host/executable.ts';
import type { Command } from '../host/run.ts';
import { type Resolve, resolveHere, withAddress } from './proxy.ts';

/**
 * Where the scripts of packages run, and pkg's triggers: in the jail's root, on the host itself, as with `pkg -r`, or
 * nowhere.
 */
export type Scripts = 'in-jail' | 'on-host' | 'skipped';

/** How pkg is to be run in one jail's root. */
export interface PkgSettings {
  /** Absolute path of the host's pkg. */
  pkg: string;
  root: string;
  /** The transaction's own directory, as the chroot sees it. */
  scratch: string;
  abi: string;
  osversion: number;
  /** It unpacks into the root from outside, by paths of the host, instead of entering it. */
  rootdir: boolean;
  scripts: Scripts;
  /** Lent to a jail that cannot resolve names itself. */
  nameserver?: string;
  /** The person gave repository files: they lie in the scratch directory. */
  repositories: boolean;
  options: readonly (readonly [string, string])[];
}

/**
 * A pkg command in a jail's root. Its own configuration file and options come first, so that nothing in the
 * jail steers it: ALIAS turns an install into a dry run, PLUGINS loads the jail's code into the host's pkg
 * (docs/pkg-facts.md, 1). With `-r` pkg stands in the root, and paths that are whole are the host's: by PKG_DBDIR as
 * with `-c` it would write the host's own database.
 */
export function pkgCommand(settings: PkgSettings, verb: readonly string[]): Command {
  const { root, rootdir } = settings;
  const scratch = rootdir ? `.${settings.scratch}` : settings.scratch;
  const top = rootdir ? root : '';
  const skipping = settings.scripts === 'skipped' ? noScripts(settings) : [];
  const fixed = new Set(skipping.map(([key]) => key));
  const asked = settings.options.filter(([key]) => !fixed.has(key));
  // pkg complains about a setting that it is given twice.
  const own = new Set(asked.map(([key]) => key));
  const options: (readonly [string, string])[] = [
    ['ABI', settings.abi],
    ['OSVERSION', String(settings.osversion)],
    ['EVENT_PIPE', `${scratch}/events.sock`],
    ['ALIAS', ''],
    ['PKG_ENABLE_PLUGINS', 'no'],
    ['PKG_DBDIR', `${top}/var/db/pkg`],
    ['PKG_CACHEDIR', `${top}/var/cache/pkg`],
    ['WARN_SIZE_LIMIT', '0'],
    ...(settings.nameserver === undefined ? [] : [['NAMESERVER', settings.nameserver] as const]),
  ];
  const given = [...options.filter(([key]) => !own.has(key)), ...asked, ...skipping];
  return [
    settings.pkg,
    rootdir ? '-r' : '-c',
    root,
    '-C',
    `${scratch}/pkg.conf`,
    ...(settings.repositories ? ['-R', `${scratch}/repos`] : []),
    ...given.flatMap(([key, value]) => ['-o', `${key}=${value}`]),
    ...verb,
  ];
}

/**
 * What keeps scripts and triggers from running: triggers run whatever PKG_TRIGGERS_ENABLE says, but for a directory that
 * is not there (docs/pkg-facts.md, 6). Nobody's options go over it.
 */
function noScripts({ scratch }: PkgSettings): (readonly [string, string])[] {
  return [
    ['RUN_SCRIPTS', 'no'],
    ['HANDLE_RC_SCRIPTS', 'no'],
    ['PKG_TRIGGERS_DIR', `${scratch}/triggers`],
  ];
}

const proxies = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy'];

/**
 * The environment of pkg, and so of every package script: nothing of the host's but its proxy settings, without the name
 * and the password that a proxy wants.
 */
export function pkgEnvironment(host: NodeJS.ProcessEnv): Record<string, string> {
  return withProxies(host, proxies, (value) => value.replace(credentials, '$1'));
}

/**
 * The environment of a pkg that only downloads, and runs no script (fetch(3), HTTP_PROXY_AUTH). A proxy that gets a
 * password is named by its address. Throws `proxy-unknown`, `proxy-unsafe`.
 */
export async function downloadEnvironment(
  host: NodeJS.ProcessEnv,
  resolve: Resolve = resolveHere,
): Promise<Record<string, string>> {
  const environment = withProxies(host, [...proxies, 'http_proxy_auth'], (value) => value);
  const apart = Boolean(environment['http_proxy_auth'] || environment['HTTP_PROXY_AUTH']);
  for (const [key, value] of Object.entries(environment)) {
    const isProxy = /^(?:https?|ftp)_proxy$/i.test(key) && value !== '';
    if (isProxy && (apart || credentials.test(value)))
      environment[key] = await withAddress(key, value, resolve);
  }
  return environment;
}

// In a URL, and in what fetch(3) takes for one without a scheme.
const credentials = /^([a-z][a-z0-9+.-]*:\/\/)?.*@/i;

function withProxies(
  host: NodeJS.ProcessEnv,
  names: readonly string[],
  shown: (value: string) => string,
): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: '/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TERM: 'dumb',
  };
  for (const name of names) {
    for (const key of [name, name.toUpperCase()]) {
      const value = host[key];
      if (value !== undefined) environment[key] = shown(value);
    }
  }
  return environment;
}

/** The absolute path of the host's pkg: its environment has a search path of its own. Throws `pkg-missing`. */
export function resolvePkg(name: string, searchPath: string): string {
  const found = findExecutable(name, searchPath);
  if (found !== undefined) return found;
  throw refused('pkg-missing', `${name} was not found on this host`, 'pkg bootstrap');
}
