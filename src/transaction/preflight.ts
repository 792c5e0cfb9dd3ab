import { statfsSync } from 'node:fs';
import { geteuid } from 'node:process';
import { refused } from '../error.ts';
import { allowDirectory, requireDirectory, requirePlace } from '../host/inside-root.ts';
import { requireRuleset } from '../host/mounts.ts';
import { RootWalk } from '../host/root-walk.ts';
import type { Run } from '../host/run.ts';
import { hostKernel, readAbi, requireRunnable } from '../jail/abi.ts';
import { schemaVersion } from '../pkg/database.ts';
import { poolOf } from '../zfs/names.ts';
import { requireHealthyPool } from '../zfs/pool.ts';
import type { Context } from './context.ts';
import type { Subject } from './subject.ts';

/** What the jail's packages must be built for. */
export interface Abi {
  abi: string;
  osversion: number;
}

/** Requires the rights that every change needs. Throws `not-root`. */
export function requireRoot(): void {
  if (geteuid?.() === 0) return;
  throw refused('not-root', 'that needs root', 'Run it as root, for example with doas or sudo.');
}

/** Whether jtx has to mount a devfs, or there is one already. */
export function hasDevfs(subject: Subject): boolean {
  const dev = `${subject.jail.root}/dev`;
  return subject.mounts.some((mount) => mount.node === dev && mount.fstype === 'devfs');
}

/**
 * Requires a devfs in a jail that goes on running, as package scripts need one: jtx mounts nothing into such a jail,
 * which could swap the place between the look and the mount, and mount(8) follows a link. Throws `devfs-missing`.
 */
export function requireDevfs(subject: Subject): void {
  if (hasDevfs(subject)) return;
  const { name, root } = subject.jail;
  throw refused(
    'devfs-missing',
    `jail ${name} runs without a devfs at ${root}/dev, and nothing can be mounted safely into a jail that runs`,
    'Change it with --stop, or give it mount.devfs.',
  );
}

/**
 * Everything that can be known before anything changes. Throws `root-unsafe`, `root-incomplete`,
 * `dataset-readonly`, `pool-unhealthy`, `no-space`, `devfs-ruleset-missing`, `jail-newer-than-kernel`,
 * `machine-mismatch`, `abi-unreadable`, `package-database-newer`.
 */
export async function preflight(
  context: Context,
  run: Run,
  subject: Subject,
  named?: Abi,
): Promise<Abi | undefined> {
  const { root } = subject.jail;
  requireSafeRoot(subject);
  requireWritable(subject);
  requireRoom(root, context.config.minimumFree);
  requireKnownSchema(root);
  await requireHealthyPool(run, poolOf(subject.dataset));
  if (!hasDevfs(subject)) await requireRuleset(run, context.config.devfsRuleset);
  // Of a thin jail that does not run the base has to be mounted first.
  return isThin(subject) ? named : requireComplete(run, root, named);
}

/** Whether a jail lacks what is mounted into its root only while it runs. */
export function isThin({ jail }: Subject): boolean {
  return jail.running === undefined && jail.bases.length > 0;
}

/**
 * Requires that scripts can run in a root, and tells what its packages must be built for: what was named, else what
 * its own files say. Throws `root-incomplete`, `abi-unreadable`, `jail-newer-than-kernel`, `machine-mismatch`.
 */
export async function requireComplete(run: Run, root: string, named: Abi | undefined): Promise<Abi> {
  if (!RootWalk.within(root, (walk) => walk.find('bin/sh'))) {
    throw refused(
      'root-incomplete',
      `${root}/bin/sh is missing: pkg would skip every script and report success`,
      'For a thin jail, say in its fstab(5) what is mounted into the root.',
    );
  }
  if (named) return named;
  const abi = readAbi(root);
  requireRunnable(abi, await hostKernel(run));
  return abi;
}

function requireSafeRoot({ jail: { root }, datasets }: Subject): void {
  requireDirectory(root, 'dev');
  // Where a child was mounted, the jail can since have put a link above: the next time it would land elsewhere.
  for (const { mountpoint, mounted } of datasets) if (mounted) requirePlace(root, mountpoint);
  for (const path of ['etc', 'var/db/pkg', 'var/cache/pkg', 'usr/local/etc', 'tmp'])
    allowDirectory(root, path);
}

function requireWritable(subject: Subject): void {
  const locked = subject.datasets.find((dataset) => dataset.readonly && dataset.mounted);
  if (locked)
    throw refused('dataset-readonly', `${locked.name} is read-only`, `zfs set readonly=off ${locked.name}`);
}

function requireRoom(root: string, minimumFree: number): void {
  const { bavail, bsize } = statfsSync(root);
  const free = bavail * bsize;
  if (free >= minimumFree) return;
  throw refused(
    'no-space',
    `only ${free} bytes are free in ${root}, and ${minimumFree} are wanted`,
    'Make room, or lower minimum_free.',
  );
}

/** pkg refuses a database of a newer major schema; user_version is major * 1000 + minor (docs/pkg-facts.md, 9). */
function requireKnownSchema(root: string): void {
  const version = schemaVersion(root);
  if (version === undefined || version < 1000) return;
  throw refused(
    'package-database-newer',
    `the package database of ${root} has schema ${version}, newer than this host's pkg can write`,
    "Update the host's pkg first.",
  );
}
