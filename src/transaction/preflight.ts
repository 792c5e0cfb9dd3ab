import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { geteuid } from 'node:process';
import { refused } from '../error.ts';
import { allowDirectory, requireDirectory, requirePlace } from '../host/inside-root.ts';
import { requireRuleset } from '../host/mounts.ts';
import type { Run } from '../host/run.ts';
import { schemaVersion } from '../pkg/database.ts';
import { poolOf } from '../zfs/names.ts';
import { requireHealthyPool } from '../zfs/pool.ts';
import { type Approach, approach } from './approach.ts';
import type { Context } from './context.ts';
import { requireNoMigration } from './database-migration.ts';
import { type ChangeRequest, isPackageVerb } from './request.ts';
import { requireReverted } from './reverted.ts';
import type { Subject } from './subject.ts';

/** Requires the rights that every change needs. Throws `not-root`. */
export function requireRoot(): void {
  if (geteuid?.() === 0) return;
  throw refused('not-root', 'that needs root', 'Run it as root, for example with doas or sudo.');
}

/** Whether jtx has to mount a devfs: there is none, and something is run in the root. */
export function needsDevfs({ jail, mounts }: Subject, { rootdir }: Pick<ChangeRequest, 'rootdir'>): boolean {
  const dev = `${jail.root}/dev`;
  return !rootdir && !mounts.some((mount) => mount.node === dev && mount.fstype === 'devfs');
}

/**
 * Requires a devfs in a jail that goes on running, as package scripts need one: jtx mounts nothing into such a jail,
 * which could swap the place between the look and the mount, and mount(8) follows a link. Throws `devfs-missing`.
 */
export function requireDevfs(subject: Subject, request: Pick<ChangeRequest, 'rootdir'>): void {
  if (!needsDevfs(subject, request)) return;
  const { name, root } = subject.jail;
  throw refused(
    'devfs-missing',
    `jail ${name} runs without a devfs at ${root}/dev, and nothing can be mounted safely into a jail that runs`,
    'Change it with --stop, or give it mount.devfs.',
  );
}

/**
 * Everything that can be known before anything changes; undefined where it depends on what is not mounted yet. Throws
 * `root-unsafe`, `root-incomplete`, `dataset-kept`, `dataset-readonly`, `pool-unhealthy`, `no-space`, `devfs-ruleset-missing`,
 * `jail-newer-than-kernel`, `machine-mismatch`, `abi-unreadable`, `package-database-newer`, `package-database-older`,
 * `probes-impossible`, `jail-running`.
 */
export async function preflight(
  context: Context,
  run: Run,
  subject: Subject,
  request: ChangeRequest,
): Promise<Approach | undefined> {
  const { root } = subject.jail;
  requireSafeRoot(subject, request);
  requireStill(subject, request);
  requireReverted(subject);
  requireUncovered(subject, request);
  requireWritable(subject);
  requireRoom(root, context.config.minimumFree);
  requireKnownSchema(root);
  if (isPackageVerb(request.verb) && !request.migrateDatabase)
    await requireNoMigration(context, run, subject.jail);
  await requireHealthyPool(run, poolOf(subject.dataset));
  // Also of a jail that has one: its clone gets another, and so does the jail itself once it is stopped.
  if (!request.rootdir) await requireRuleset(run, context.config.devfsRuleset);
  // Of a thin jail that does not run the base has to be mounted first.
  return isThin(subject) ? undefined : approach(context, run, root, request);
}

/** Whether a jail lacks what is mounted into its root only while it runs. */
export function isThin({ jail }: Subject): boolean {
  return jail.running === undefined && jail.bases.length > 0;
}

function requireSafeRoot({ jail: { root }, datasets }: Subject, { rootdir }: ChangeRequest): void {
  if (!rootdir) requireDirectory(root, 'dev');
  // Where a child was mounted, the jail can since have put a link above: the next time it would land elsewhere.
  for (const { mountpoint, mounted } of datasets) if (mounted) requirePlace(root, mountpoint);
  for (const path of ['etc', 'var/db/pkg', 'var/cache/pkg', 'usr/local/etc', 'tmp'])
    allowDirectory(root, path);
}

/** With --rootdir it is the host that walks the paths of a root, and a jail that runs could change them meanwhile. */
function requireStill({ jail }: Subject, { rootdir, stop, planOnly }: ChangeRequest): void {
  if (!rootdir || jail.running === undefined || stop || planOnly) return;
  throw refused(
    'jail-running',
    `${jail.name} runs, and --rootdir is for roots in which nothing runs`,
    'Without --rootdir, or with --stop.',
  );
}

/**
 * Requires that packages are where the jail looks for them when it runs, and that they can go back. Throws
 * `root-incomplete`.
 */
export function requireUncovered(
  { jail: { root, running, covers }, dataset, datasets, mounts }: Subject,
  { stop }: Pick<ChangeRequest, 'stop'>,
): void {
  const own = new Set(datasets.map(({ name }) => name));
  const stops = running !== undefined && stop;
  for (const { special, path, type } of covers) {
    const node = join(root, path);
    const now = mounts.findLast((mount) => mount.node === node)?.special;
    if (now !== undefined && own.has(now) && !stops) continue;
    const line = `the fstab(5) of the jail mounts ${special} at ${node} (${type})`;
    throw own.has(special)
      ? refused(
          'root-incomplete',
          `${line}, which it is not while the jail does not run: what packages have there would be hidden`,
          stops ? 'Change it without --stop.' : `For the change: mount -t ${type} ${special} ${node}`,
        )
      : refused(
          'root-incomplete',
          `${line}, which is no part of ${dataset}: what packages have there would be hidden, or not go back`,
          `Instead of that line, give the jail a dataset there, below ${dataset}: that goes back with it.`,
        );
  }
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
