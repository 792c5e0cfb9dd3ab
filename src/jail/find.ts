import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/settings.ts';
import { type JtxError, refused } from '../error.ts';
import type { Run } from '../host/run.ts';
import { type BrokenJail, type ConfiguredJail, listConfigured } from './configured.ts';
import { type Base, basesOf, type Cover, coversOf, type FstabEntry, parseFstab } from './fstab.ts';
import { managedFstab, managedName, managedRoots } from './manager.ts';
import { listRunning, type RunningJail } from './running.ts';
import { isThrowAway } from './throw-away.ts';

/** A jail, found by its name. */
export interface FoundJail {
  name: string;
  /** Its root, without symlinks. */
  root: string;
  /** The running jail, which its manager may run under another name; any other on the same root is among the others. */
  running: RunningJail | undefined;
  /** It is in jail.conf(5), so it can be started as it was. */
  configured: boolean;
  /** Why the file of its own cannot be read that would configure it. */
  broken?: JtxError | undefined;
  /** What a thin jail has of the host in its root while it runs. */
  bases: Base[];
  /** What its table mounts over its packages while it runs. */
  covers: Cover[];
  /** What its stop unmounts, beside its devfs and the like; undefined where that may be more. */
  unmounted: FstabEntry[] | undefined;
  /** All running jails whose root is this root, or lies below or above it, itself included. */
  others: RunningJail[];
}

/** What the host says of its jails, asked once. */
export interface KnownJails {
  running: RunningJail[];
  configured: ConfiguredJail[];
  /** Those that would be, if the file of their own could be read. */
  broken: BrokenJail[];
}

/** Asks jail(8) and jls(8). Throws `jail-conf-invalid`, `jls-unreadable`. */
export async function listKnown(run: Run, config: Config): Promise<KnownJails> {
  const [running, listed] = await Promise.all([listRunning(run), listConfigured(run, config.jailConf)]);
  return { running: running.filter((jail) => !jail.dying), ...listed };
}

/**
 * The names of all jails that there are to look after, sorted. A throw-away jail has the root of another, and so has one
 * that runs under another name than it is configured with; a service jail (`svcj`, rc.conf(5)) has the host's.
 */
export function everyJail({ configured, running, broken }: KnownJails): string[] {
  const others = running.filter(
    ({ name, path }) => !isThrowAway(name) && !configured.some((jail) => jail.path === path),
  );
  const own = [...configured, ...others].filter(({ path }) => path !== '/');
  return [...new Set([...own, ...broken].map(({ name }) => name))].sort();
}

/**
 * Finds a jail: a running one, else a configured one, else `<jails root>/<name>`, where a manager keeps it, or where it
 * lay before, if that is given. Throws `jail-unknown`, `root-is-host`, `jail-conf-invalid`.
 */
export async function findJail(run: Run, config: Config, name: string, before?: string): Promise<FoundJail> {
  return findAmong(await listKnown(run, config), config, name, before);
}

/** The same, where the host was asked already. Throws the same. */
export function findAmong(known: KnownJails, config: Config, asked: string, before?: string): FoundJail {
  const { running, configured, broken } = known;
  const unreadable = broken.find((jail) => jail.name === asked);
  // Where it lies is not known: at `<jails root>/<name>` there may be anything.
  if (unreadable && !running.some((jail) => jail.name === asked)) throw unreadable.error;
  const path = pathOf(known, config, asked, before);
  const root = realPath(path);
  if (root === undefined) {
    const all = [...running, ...configured].map((jail) => jail.name);
    throw refused(
      'jail-unknown',
      all.includes(asked)
        ? `the root of jail ${asked}, ${path}, does not exist`
        : `there is no jail ${asked}`,
      all.length > 0
        ? `Known: ${ownNames(known, config, all).sort().join(', ')}.`
        : `Looked for in jls, ${config.jailConf} and ${path}.`,
    );
  }
  if (root === '/') {
    throw refused('root-is-host', `the root of jail ${asked} is that of the host: jtx changes jails only`);
  }
  const name = nameOn(known, config, asked, root);
  const entry = configured.find((jail) => jail.name === name);
  // One that has the host's root sees all of them, and hides nothing from anybody.
  const others = running.filter(
    ({ path: other }) =>
      other === root || other.startsWith(`${root}/`) || (other !== '/' && root.startsWith(`${other}/`)),
  );
  const table = tableOf(root, entry);
  const roots = [root, path];
  const itself =
    running.find((jail) => jail.name === name) ??
    (entry ? undefined : others.find((jail) => jail.path === root && managedName(root, jail.name) === name));
  return {
    name,
    root,
    running: itself,
    configured: entry !== undefined,
    broken: unreadable?.error,
    bases: basesOf(table, roots),
    covers: coversOf(table, roots),
    unmounted: unmountedByStop(config, root, entry),
    others,
  };
}

/** What jail(8) unmounts when it stops a jail; undefined where others may unmount something too. */
export function unmountedByStop(
  { control }: Config,
  root: string,
  entry: ConfiguredJail | undefined,
): FstabEntry[] | undefined {
  return control !== undefined || !entry || entry.unmountsMore ? undefined : tableOf(root, entry);
}

/** The jails that are meant by some names, each once and by its own: a manager may run one under another name. */
export function ownNames(known: KnownJails, config: Config, names: readonly string[]): string[] {
  const own = names.map((name) => {
    const root = realPath(pathOf(known, config, name));
    return root === undefined ? name : nameOn(known, config, name, root);
  });
  return [...new Set(own)];
}

/** The name of a jail on its root. Its manager's does only where it leads to the same root, and jail.conf(5) has neither. */
function nameOn(known: KnownJails, config: Config, name: string, root: string): string {
  const managed = managedName(root, name);
  if (known.configured.some((jail) => jail.name === name || jail.name === managed)) return name;
  return realPath(pathOf(known, config, managed, root)) === root ? managed : name;
}

/** Where a jail of this name lies, or would. */
export function pathOf(
  { running, configured }: KnownJails,
  config: Config,
  name: string,
  before?: string,
): string {
  const listed = [...running, ...configured].find((jail) => jail.name === name);
  if (listed) return listed.path;
  const plain = join(config.jailsRoot, name);
  const kept = running.find((jail) => managedName(jail.path, jail.name) === name);
  const places = [plain, ...managedRoots(name), kept?.path ?? plain, before ?? plain];
  return places.find((path) => realPath(path) !== undefined) ?? plain;
}

function tableOf(root: string, entry: ConfiguredJail | undefined): FstabEntry[] {
  const file = entry?.fstab ?? managedFstab(root);
  const lines = [...(entry?.mounts ?? []), file === undefined ? '' : readTable(file)];
  return parseFstab(lines.join('\n'));
}

function readTable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** A path without symlinks; undefined where there is nothing. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
