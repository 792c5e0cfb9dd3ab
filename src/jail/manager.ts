import { basename, dirname } from 'node:path';
import type { JtxError } from '../error.ts';
import type { Command } from '../host/run.ts';

/** What stops and starts a jail in the way in which it is kept. */
export interface Manager {
  name: string;
  stop: Command;
  start: Command;
}

/** Enough of a jail to know by whom it is kept. */
export interface ManagedJail {
  name: string;
  root: string;
  /** It is in jail.conf(5). */
  configured: boolean;
  /** Why the file of its own cannot be read that would configure it. */
  broken?: JtxError | undefined;
}

interface Layout {
  manager: string;
  root: RegExp;
  /** Where it keeps a jail by default. */
  place: (name: string) => string;
  /** What the kernel calls a jail of this name, where that is another. */
  kernelName?: (name: string) => string;
  /** Where the fstab(5) of a jail lies, from its root. */
  fstab?: (root: string, name: string) => string;
  stop: (name: string) => Command;
  start: (name: string) => Command;
}

/** How jail managers lay their jails out: each knows its jail by the name in the path. */
const layouts: readonly Layout[] = [
  {
    manager: 'Bastille',
    root: /\/bastille\/jails\/([^/]+)\/root$/,
    place: (name) => `/usr/local/bastille/jails/${name}/root`,
    fstab: (root) => `${dirname(root)}/fstab`,
    stop: (name) => ['bastille', 'stop', name],
    start: (name) => ['bastille', 'start', name],
  },
  {
    manager: 'iocage',
    root: /\/iocage\/jails\/([^/]+)\/root$/,
    place: (name) => `/iocage/jails/${name}/root`,
    kernelName: (name) => `ioc-${name.replaceAll('.', '_')}`,
    fstab: (root) => `${dirname(root)}/fstab`,
    stop: (name) => ['iocage', 'stop', name],
    start: (name) => ['iocage', 'start', name],
  },
  {
    manager: 'pot',
    root: /\/pot\/jails\/([^/]+)\/m$/,
    place: (name) => `/opt/pot/jails/${name}/m`,
    stop: (name) => ['pot', 'stop', '-p', name],
    start: (name) => ['pot', 'start', '-p', name],
  },
  {
    manager: 'AppJail',
    root: /\/appjail\/jails\/([^/]+)\/jail$/,
    place: (name) => `/usr/local/appjail/jails/${name}/jail`,
    stop: (name) => ['appjail', 'stop', name],
    start: (name) => ['appjail', 'start', name],
  },
  {
    manager: 'ezjail',
    root: /^\/usr\/jails\/([^/]+)$/,
    place: (name) => `/usr/jails/${name}`,
    kernelName: ezjailName,
    fstab: (_, name) => `/etc/fstab.${ezjailName(name)}`,
    stop: (name) => ['ezjail-admin', 'onestop', name],
    start: (name) => ['ezjail-admin', 'onestart', name],
  },
];

/** A shell variable is named after it. */
function ezjailName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '_');
}

/** Commands of a person's own; `{name}` and `{root}` in a word stand for the jail's. */
export interface Templates {
  stop: readonly string[];
  start: readonly string[];
}

/**
 * Who keeps a jail: what the configuration says, else jail.conf(5) through service(8), else the manager in whose
 * layout its root lies. Undefined is a jail that was made by hand: nobody knows how to start it again. Pure.
 */
export function managerOf(jail: ManagedJail, templates: Templates | undefined): Manager | undefined {
  if (templates) {
    const stop = filled(templates.stop, jail);
    const start = filled(templates.start, jail);
    if (stop && start) return { name: 'the configuration', stop, start };
  }
  if (jail.configured) {
    const service = (action: string): Command => ['service', 'jail', action, jail.name];
    return { name: 'jail.conf', stop: service('onestop'), start: service('onestart') };
  }
  const laid = laidOut(jail.root);
  if (!laid) return undefined;
  const { layout, name } = laid;
  return { name: layout.manager, stop: layout.stop(name), start: layout.start(name) };
}

/**
 * The name of a jail, of its root and a name by which it is known: that of the manager in whose layout the root lies, where
 * the other is what the kernel calls it then (iocage's `web` runs as `ioc-web`); else the same. Pure.
 */
export function managedName(root: string, name: string): string {
  const laid = laidOut(root);
  return laid?.layout.kernelName?.(laid.name) === name ? laid.name : name;
}

/**
 * The name of a jail of which only the root is known: the one in the layout of the manager in which the root lies, else its
 * last part. Pure.
 */
export function nameByRoot(root: string): string {
  return keptName(root) ?? basename(root);
}

/** The name of the jail that is kept at a root by the manager in whose layout that lies; undefined where it lies in none. Pure. */
export function keptName(root: string): string | undefined {
  return laidOut(root)?.name;
}

/** Whether two names are those of one jail on a root. Pure. */
export function isSameJail(root: string, one: string, other: string): boolean {
  return managedName(root, one) === managedName(root, other);
}

/** Where the known managers keep a jail of this name by default. */
export function managedRoots(name: string): string[] {
  return layouts.map(({ place }) => place(name));
}

/** The fstab(5) that the manager of a jail keeps for it, where it keeps one. */
export function managedFstab(root: string): string | undefined {
  const laid = laidOut(root);
  return laid?.layout.fstab?.(root, laid.name);
}

/** In whose layout a root lies, and under which name. */
function laidOut(root: string): { layout: Layout; name: string } | undefined {
  for (const layout of layouts) {
    const name = layout.root.exec(root)?.[1];
    // A name that begins with a dash would be an option.
    if (name !== undefined && !name.startsWith('-')) return { layout, name };
  }
  return undefined;
}

function filled(words: readonly string[], { name, root }: ManagedJail): Command | undefined {
  const [program, ...rest] = words.map((word) => word.replaceAll('{name}', name).replaceAll('{root}', root));
  return program === undefined ? undefined : [program, ...rest];
}
