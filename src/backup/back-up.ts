import { JtxError, refused } from '../error.ts';
import { runCommand } from '../host/run.ts';
import type { BackupResult } from '../journal/backups.ts';
import { type Context, signalOf } from '../transaction/context.ts';
import { idAfter } from '../transaction/id.ts';
import { type Abilities, askAbilities } from '../zfs/send.ts';
import { carryOut, type Reached } from './carry-out.ts';
import { newestOf } from './copy.ts';
import { earlierJails } from './earlier-jails.ts';
import { lockBackups } from './lock-backups.ts';
import { Night } from './night.ts';
import { choosePlaces, openTarget } from './open-target.ts';
import {
  findSubjects,
  isLeftOut,
  listTrees,
  membersOf,
  type Subjects,
  type Whole,
  writeOut,
} from './subjects.ts';
import type { Place } from './target.ts';

/** What a person asks to back up. */
export interface BackupRequest {
  /** Empty: all, as findSubjects has it. */
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
    const { reached, missed } = await reachTargets(abilities, places);
    const earlier = earlierJails(context, reached);
    const { found, failed } = await findJails(context, abilities, request.jails, earlier);
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
  earlier: readonly string[],
): Promise<{ found: Whole[]; failed: Subjects['failed'] }> {
  const subjects = await findSubjects(runCommand, context.config, named, earlier);
  const isOut = (name: string): boolean => named.length === 0 && isLeftOut(context.config, name);
  const found = subjects.found.filter(({ jail: { name } }) => !isOut(name));
  const failed = subjects.failed.filter(({ jail }) => !isOut(jail));
  await writeOut(runCommand, abilities, found);
  const inventory = await listTrees(runCommand, found);
  const all = found.map((subject) => ({ ...subject, members: membersOf(inventory, subject) }));
  // What is not there at all may be about to be set aside: it is looked for again once it is locked.
  const isWanted = ({ dataset }: Whole): boolean => inventory.get(dataset)?.backup !== 'off';
  const off = named.length > 0 ? all.filter((one) => !isWanted(one)) : [];
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

function markedOff(jail: string): JtxError {
  return refused(
    'backup-off',
    `${jail} is marked as not to be backed up`,
    'zfs get jtx:backup shows where; zfs inherit jtx:backup takes the mark away.',
  );
}
