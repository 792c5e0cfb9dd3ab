import type { Config } from '../config/settings.ts';
import { JtxError } from '../error.ts';
import { listMounts, type Mount, mountAbove } from '../host/mounts.ts';
import { type Run, succeeded } from '../host/run.ts';
import { datasetOf } from '../jail/dataset.ts';
import { everyJail, type FoundJail, findAmong, type KnownJails, listKnown, ownNames } from '../jail/find.ts';
import { keptName } from '../jail/manager.ts';
import { listInventory, type Stored } from '../zfs/inventory.ts';
import { isWithin, outermost, poolOf } from '../zfs/names.ts';
import type { Abilities } from '../zfs/send.ts';

/** A jail that is to be backed up. */
export interface BackupSubject {
  jail: FoundJail;
  dataset: string;
}

/** A jail with what of it is backed up, its own dataset first. */
export type Whole = BackupSubject & { members: readonly Stored[] };

/** The jails that can be backed up, and why others cannot. */
export interface Subjects {
  found: BackupSubject[];
  failed: { jail: string; error: JtxError }[];
}

/**
 * Finds the jails that were named, or all: those that run or are configured, of these none that lies in a directory of
 * another jail, and so goes with that; and of those that had backups `earlier` all that still have a dataset here: a jail
 * that its manager, or a person, has stopped is neither to be seen nor gone. Four processes, whatever their number, and one
 * for each whose dataset is not mounted.
 */
export async function findSubjects(
  run: Run,
  config: Config,
  names: readonly string[],
  earlier: readonly string[],
): Promise<Subjects> {
  const known = await listKnown(run, config);
  const host: Host = { run, config, known, mounts: await listMounts(run), earlier };
  const own = ownNames(known, config, names.length > 0 ? names : everyJail(known));
  const asked = await lookFor(host, own);
  if (names.length > 0) return asked;
  const before = await lookFor(
    host,
    earlier.filter((name) => !own.includes(name)),
  );
  const all = [...asked.found.map(({ jail }) => jail), ...asked.failed];
  // One that has another name by now has that one's root.
  const isOther = (root: string | undefined): boolean => !all.some((jail) => jail.root === root);
  return {
    found: [...asked.found, ...before.found.filter(({ jail }) => isOther(jail.root))],
    failed: [
      ...asked.failed.filter((one) => !goesWithAnother(one, asked.found, host.mounts)),
      ...before.failed.filter(({ error, root }) => !isMissing(error) && isOther(root)),
    ],
  };
}

/** A host with its jails, asked once. */
interface Host {
  run: Run;
  config: Config;
  known: KnownJails;
  mounts: readonly Mount[];
  earlier: readonly string[];
}

/** A jail that cannot be backed up, and its root where that is known. */
type Failed = Subjects['failed'][number] & { root: string | undefined };

async function lookFor(
  host: Host,
  names: readonly string[],
): Promise<{ found: BackupSubject[]; failed: Failed[] }> {
  const { run, config, known, mounts } = host;
  const found: BackupSubject[] = [];
  const failed: Failed[] = [];
  for (const name of names) {
    let root: string | undefined;
    try {
      const jail = findAmong(known, config, name, keptAt(host, name));
      root = jail.root;
      found.push({ jail, dataset: await datasetOf(run, jail, mounts) });
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      failed.push({ jail: name, error, root });
    }
  }
  return { found, failed };
}

/**
 * Where a manager keeps a jail that had backups, if not where it would by default. For others it is not looked for: what
 * another host sends here lies in the same way.
 */
function keptAt({ mounts, earlier }: Host, name: string): string | undefined {
  if (!earlier.includes(name)) return undefined;
  return mounts.find(({ node, readonly }) => readonly !== true && keptName(node) === name)?.node;
}

/** Whether a jail is no more: at the most a directory is left of it. */
function isMissing({ code }: JtxError): boolean {
  return ['jail-unknown', 'root-not-dataset', 'root-is-host'].includes(code);
}

/** Whether a jail is a directory of one that is backed up. */
function goesWithAnother(
  { error, root }: Failed,
  found: readonly BackupSubject[],
  mounts: readonly Mount[],
): boolean {
  const below =
    root !== undefined && error.code === 'root-not-dataset' ? mountAbove(root, mounts) : undefined;
  return below !== undefined && found.some(({ dataset }) => isWithin(below.special, dataset));
}

/** Whether the configuration leaves a jail out of all that are backed up, which is for those that cannot be marked. */
export function isLeftOut({ backup }: Config, jail: string): boolean {
  return backup.jails.get(jail)?.backup === false;
}

/** Writes out what is still in memory: zfs(8) counts as written only what lies on the disks. One process a pool. */
export async function writeOut(
  run: Run,
  { modern }: Abilities,
  subjects: readonly BackupSubject[],
): Promise<void> {
  const pools = modern ? new Set(subjects.map(({ dataset }) => poolOf(dataset))) : [];
  for (const pool of pools) succeeded(await run(['zpool', 'sync', pool]));
}

/** Everything on the pools of some jails. One process. */
export function listPools(
  run: Run,
  subjects: readonly Pick<BackupSubject, 'dataset'>[],
): Promise<Map<string, Stored>> {
  return listInventory(run, [...new Set(subjects.map(({ dataset }) => poolOf(dataset)))]);
}

/**
 * Everything in the trees of some jails. One process, and no more than they have: a pool may hold a hundred times as
 * much. A tree that has gone meanwhile would keep the others from being listed: then everything on their pools.
 */
export async function listTrees(
  run: Run,
  subjects: readonly Pick<BackupSubject, 'dataset'>[],
): Promise<Map<string, Stored>> {
  try {
    return await listInventory(run, outermost(subjects.map(({ dataset }) => dataset)));
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
    return listPools(run, subjects);
  }
}

/** What of a jail is backed up: its own dataset first. Those marked `jtx:backup=off` are left out. */
export function membersOf(
  inventory: ReadonlyMap<string, Stored>,
  { dataset }: Pick<BackupSubject, 'dataset'>,
): Stored[] {
  return treeOf(inventory, dataset).filter(({ backup }) => backup !== 'off');
}

/** Of {@link membersOf} those that have a snapshot: what is younger is no part of that state. */
export function membersIn(
  inventory: ReadonlyMap<string, Stored>,
  subject: Pick<BackupSubject, 'dataset'>,
  snapshot: string,
): Stored[] {
  return membersOf(inventory, subject).filter((member) => hasSnapshot(member, snapshot));
}

/** Whether a dataset has a snapshot of this name. */
export function hasSnapshot({ points }: Stored, snapshot: string): boolean {
  return points.some(({ name, bookmark }) => name === snapshot && !bookmark);
}

/** Whether a jail's own dataset was there: that is renamed while its tree is set aside. */
export function isWhole({ dataset, members }: Pick<Whole, 'dataset' | 'members'>): boolean {
  return members[0]?.name === dataset;
}

/** A dataset and all below it, itself first. */
export function treeOf(inventory: ReadonlyMap<string, Stored>, dataset: string): Stored[] {
  return [...inventory.values()]
    .filter(({ name }) => isWithin(name, dataset))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
