import { JtxError, refused } from '../error.ts';
import { runCommand } from '../host/run.ts';
import type { BackupResult } from '../journal/backups.ts';
import { type Context, signalOf } from '../transaction/context.ts';
import { idAfter } from '../transaction/id.ts';
import { ownProperties } from '../zfs/properties.ts';
import { type Abilities, askAbilities } from '../zfs/send.ts';
import { arrivalOf, hasAll } from './arrival.ts';
import type { BackupTarget } from './backup-target.ts';
import { bringJail } from './bring-jail.ts';
import { type Copy, completeBackups, newestOf } from './copy.ts';
import { lockBackups } from './lock-backups.ts';
import { Night } from './night.ts';
import { choosePlaces, openTarget } from './open-target.ts';
import { secureJails } from './secure.ts';
import { findSubjects, listTrees, membersOf, type Subjects, type Whole, writeOut } from './subjects.ts';
import type { Place } from './target.ts';

/** What a person asks to back up. */
export interface BackupRequest {
  /** Empty: all that run or are configured. */
  jails: readonly string[];
  /** Empty: all that are configured. */
  targets: readonly string[];
}

/** How a backup ended. */
export interface BackupEnding {
  id: string;
  results: BackupResult[];
  /** The number of the signal that ended it. */
  signal: number | null;
}

/** A target with what it has. */
interface Reached {
  target: BackupTarget;
  copies: readonly Copy[];
}

/**
 * Backs jails up: one snapshot of all that have changed, sent to every target. What fails for one jail or target is told
 * and does not stop the others. Throws {@link JtxError} for what is refused before anything is done; `backup-running`.
 */
export async function backUp(context: Context, request: BackupRequest): Promise<BackupEnding> {
  const places = choosePlaces(context.config.backup.places, request.targets);
  const lock = lockBackups(context);
  try {
    const started = Date.now();
    const abilities = await askAbilities(runCommand);
    const { found, failed } = await findJails(context, abilities, request.jails);
    const { reached, missed } = await reachTargets(abilities, places);
    const id = nextBackup(found, reached);
    context.journal.backups.begin(id, started);
    const targets = places.map(({ name }) => name);
    const night = new Night(context, id, targets);
    for (const { jail, error } of failed) night.failEverywhere(jail, error);
    for (const { target, error } of missed)
      for (const { jail } of found) night.fail(jail.name, target, error);
    await carryOut(context, night, abilities, found, reached);
    context.journal.backups.end(id, Date.now());
    return { id, results: night.results, signal: signalOf(context) };
  } finally {
    lock.release();
  }
}

/** The jails that are meant, with what of each is backed up, and why others cannot be. */
async function findJails(
  context: Context,
  abilities: Abilities,
  named: readonly string[],
): Promise<{ found: Whole[]; failed: Subjects['failed'] }> {
  const { found, failed } = await findSubjects(runCommand, context.config, named);
  await writeOut(runCommand, abilities, found);
  const inventory = await listTrees(runCommand, found);
  const all = found.map((subject) => ({ ...subject, members: membersOf(inventory, subject) }));
  // What is not there at all may be about to be set aside: it is looked for again once it is locked.
  const isWanted = ({ dataset }: Whole): boolean => inventory.get(dataset)?.backup !== 'off';
  const off = all.filter((one) => !isWanted(one) && named.includes(one.jail.name));
  return {
    found: all.filter(isWanted),
    failed: [...failed, ...off.map(({ jail: { name } }) => ({ jail: name, error: markedOff(name) }))],
  };
}

/** The targets that answer, and why others do not. */
async function reachTargets(
  abilities: Abilities,
  places: readonly Place[],
): Promise<{ reached: Reached[]; missed: { target: string; error: JtxError }[] }> {
  const reached: Reached[] = [];
  const missed: { target: string; error: JtxError }[] = [];
  for (const place of places) {
    try {
      const target = await openTarget(place, abilities);
      reached.push({ target, copies: await target.list() });
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      missed.push({ target: place.name, error });
    }
  }
  return { reached, missed };
}

/**
 * The id of a backup, which sorts after all that these targets have of the jails: which is the newest, and which state of a
 * child belongs to it, is told by their order, also where a clock ran ahead or was set back.
 */
function nextBackup(jails: readonly Whole[], reached: readonly Reached[]): string {
  const names = jails.map(({ jail }) => jail.name);
  const copies = reached.flatMap((one) => one.copies);
  return idAfter(newestOf(copies.filter(({ jail }) => names.includes(jail))));
}

async function carryOut(
  context: Context,
  night: Night,
  abilities: Abilities,
  jails: readonly Whole[],
  reached: readonly Reached[],
): Promise<void> {
  const isBehind = (jail: Whole): boolean => !reached.every(({ copies }) => hasAll(copies, jail));
  const changed = jails.filter(isBehind);
  for (const { jail } of jails.filter((one) => !isBehind(one)))
    for (const { target, copies } of reached)
      night.unchanged(jail.name, target.name, completeBackups(copies, jail.name).at(-1) ?? null);
  if (changed.length === 0 || context.interrupt.aborted) return;
  context.progress.step('snapshot', inWords(changed));
  const secured = await secureJails(context, night.id, changed);
  for (const { jail, error } of secured.failed) night.failEverywhere(jail, error);
  const members = secured.jails.flatMap(({ whole }) => whole.members.map(({ name }) => name));
  const properties = await ownProperties(runCommand, members);
  const arrivals = secured.jails.flatMap((jail) => {
    const arrival = arrivalOf(night.id, abilities, jail, properties);
    return reached.map(({ target, copies }) => ({ arrival, target, copies }));
  });
  await inParallel(context.config.backup.parallel, arrivals, async ({ arrival, target, copies }) => {
    if (context.interrupt.aborted) return night.fail(arrival.jail, target.name, interrupted());
    try {
      const { bytes, point } = await bringJail(context, arrival, target, copies);
      night.sent(arrival.jail, target.name, point, bytes);
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      night.fail(arrival.jail, target.name, context.interrupt.aborted ? interrupted() : error);
    }
  });
}

/** A line of two hundred names tells nobody anything. */
function inWords(jails: readonly Whole[]): string {
  return jails.length > 10 ? `${jails.length} jails` : jails.map(({ jail }) => jail.name).join(' ');
}

function markedOff(jail: string): JtxError {
  return refused(
    'backup-off',
    `${jail} is marked as not to be backed up`,
    'zfs get jtx:backup shows where; zfs inherit jtx:backup takes the mark away.',
  );
}

function interrupted(): JtxError {
  return new JtxError({ code: 'interrupted', outcome: 'refused', message: 'interrupted' });
}

async function inParallel<T>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  const ended = await Promise.allSettled(Array.from({ length: limit }, worker));
  // A bug in one must not leave the streams of the others without their lock.
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
}
