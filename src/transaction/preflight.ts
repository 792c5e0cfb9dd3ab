import { statfsSync } from 'node:fs';
import { geteuid } from 'node:process';
import { refused } from '../error.ts';
import { allowDirectory, requireDirectory } from '../host/inside-root.ts';
import { requireRuleset } from '../host/mounts.ts';
import { RootWalk } from '../host/root-walk.ts';
import type { Run } from '../host/run.ts';
import { hostKernel, readAbi, requireRunnable } from '../jail/abi.ts';
import { halfUpdated, readUserland } from '../jail/userland.ts';
import { schemaVersion } from '../pkg/database.ts';
import { poolOf } from '../zfs/names.ts';
import { requireHealthyPool } from '../zfs/pool.ts';
import type { Context } from './context.ts';
import { requireNoMigration } from './database-migration.ts';
import { type ChangeRequest, isPackageVerb } from './request.ts';
import type { Subject } from './subject.ts';

/** What the jail's packages must be built for. */
export interface Abi {
  abi: string;
  osversion: number;
}

/** How a jail is to be worked on, as far as its base decides that. */
export interface Approach extends Abi {
  /** What a person should know of it: a sentence each. */
  notes: readonly string[];
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
 * Everything that can be known before anything changes; undefined where it depends on what is not mounted yet. Throws `root-unsafe`, `root-incomplete`,
 * `dataset-readonly`, `pool-unhealthy`, `no-space`, `devfs-ruleset-missing`, `jail-newer-than-kernel`,
 * `machine-mismatch`, `abi-unreadable`, `package-database-newer`, `package-database-older`.
 */
export async function preflight(
  context: Context,
  run: Run,
  subject: Subject,
  request: Pick<ChangeRequest, 'verb' | 'abi' | 'migrateDatabase'>,
): Promise<Approach | undefined> {
  const { root } = subject.jail;
  requireSafeRoot(root);
  requireWritable(subject);
  requireRoom(root, context.config.minimumFree);
  requireKnownSchema(root);
  if (isPackageVerb(request.verb) && !request.migrateDatabase)
    await requireNoMigration(context, run, subject.jail);
  await requireHealthyPool(run, poolOf(subject.dataset));
  if (!hasDevfs(subject)) await requireRuleset(run, context.config.devfsRuleset);
  // Of a thin jail that does not run the base has to be mounted first.
  return isThin(subject) ? undefined : approach(run, root, request.abi);
}

/** Whether a jail lacks what is mounted into its root only while it runs. */
export function isThin({ jail }: Subject): boolean {
  return jail.running === undefined && jail.bases.length > 0;
}

/**
 * Requires that scripts can run in a root, and tells what its packages must be built for: what was named, else what
 * its own files say. Throws `root-incomplete`, `abi-unreadable`, `jail-newer-than-kernel`, `machine-mismatch`.
 */
export async function approach(run: Run, root: string, named: Abi | undefined): Promise<Approach> {
  if (!RootWalk.within(root, (walk) => walk.find('bin/sh'))) {
    throw refused(
      'root-incomplete',
      `${root}/bin/sh is missing: pkg would skip every script and report success`,
      'For a thin jail, say in its fstab(5) what is mounted into the root.',
    );
  }
  if (named) return { ...named, notes: [] };
  const abi = readAbi(root);
  const userland = readUserland(root);
  requireRunnable(abi, userland, await hostKernel(run));
  const note = halfUpdated(abi, userland);
  return { ...abi, notes: note === undefined ? [] : [note] };
}

function requireSafeRoot(root: string): void {
  requireDirectory(root, 'dev');
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
