import { hostname } from 'node:os';
import { JtxError } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import type { BackupResult } from '../journal/backups.ts';
import type { Context } from '../transaction/context.ts';
import { newTransactionId } from '../transaction/id.ts';
import { lockDirectory } from '../transaction/lock-directory.ts';
import type { Stored } from '../zfs/inventory.ts';
import { ownProperties, type Property } from '../zfs/properties.ts';
import { type Abilities, askAbilities } from '../zfs/send.ts';
import type { BackupTarget } from './backup-target.ts';
import { type Arrival, bringJail } from './bring-jail.ts';
import { type Copy, completeBackups } from './copy.ts';
import { copyName } from './names.ts';
import { choosePlaces, openTarget } from './open-target.ts';
import { isCurrent } from './plan-sending.ts';
import { secureJails, type Whole } from './secure.ts';
import { findSubjects, listPools, membersOf, writeOut } from './subjects.ts';

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
 * and does not stop the others. Throws {@link JtxError} for what is refused before anything is done.
 */
export async function backUp(context: Context, request: BackupRequest): Promise<BackupEnding> {
  const places = choosePlaces(context.config.backup.places, request.targets);
  const lock = lockRoot(lockDirectory(context.config), 'the backups');
  try {
    const id = newTransactionId();
    context.journal.backups.begin(id, Date.now());
    const night = new Night(
      context,
      id,
      places.map(({ name }) => name),
    );
    const abilities = await askAbilities(runCommand);
    const subjects = await findSubjects(runCommand, context.config, request.jails);
    for (const { jail, error } of subjects.failed) night.failEverywhere(jail, error);
    await writeOut(runCommand, abilities, subjects.found);
    const inventory = await listPools(runCommand, subjects.found);
    const jails = subjects.found
      .map((subject) => ({ ...subject, members: membersOf(inventory, subject) }))
      .filter(({ dataset, members }) => members[0]?.name === dataset);
    const reached: Reached[] = [];
    for (const place of places) {
      try {
        const target = await openTarget(place, abilities);
        reached.push({ target, copies: await target.list() });
      } catch (error) {
        if (!(error instanceof JtxError)) throw error;
        for (const { jail } of jails) night.fail(jail.name, place.name, error);
      }
    }
    await carryOut(context, night, abilities, jails, reached);
    context.journal.backups.end(id, Date.now());
    const { reason } = context.interrupt;
    return { id, results: night.results, signal: context.interrupt.aborted ? Number(reason) : null };
  } finally {
    lock.release();
  }
}

async function carryOut(
  context: Context,
  night: Night,
  abilities: Abilities,
  jails: readonly Whole[],
  reached: readonly Reached[],
): Promise<void> {
  const changed = jails.filter((jail) => {
    const behind = reached.filter((one) => !hasAll(one, jail));
    for (const one of reached) if (behind.length === 0) night.unchanged(jail.jail.name, one);
    return behind.length > 0;
  });
  if (changed.length === 0 || context.interrupt.aborted) return;
  context.progress.step('snapshot', changed.map(({ jail }) => jail.name).join(' '));
  const secured = await secureJails(context, night.id, changed);
  for (const { jail, error } of secured.failed) night.failEverywhere(jail, error);
  const ready = changed.filter(({ jail }) => secured.snapshots.has(jail.name));
  const now = await listPools(runCommand, ready);
  const names = ready.flatMap(({ members }) => members.map(({ name }) => name));
  const properties = await ownProperties(runCommand, names);
  const arrivals = ready.flatMap((jail) =>
    reached.map(({ target, copies }) => ({
      arrival: arrivalOf(night.id, abilities, jail, now, properties, secured.snapshots),
      target,
      copies,
    })),
  );
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

function arrivalOf(
  id: string,
  abilities: Abilities,
  { jail, dataset, members }: Whole,
  now: ReadonlyMap<string, Stored>,
  properties: ReadonlyMap<string, readonly Property[]>,
  snapshots: ReadonlyMap<string, string>,
): Arrival {
  return {
    backup: id,
    abilities,
    jail: jail.name,
    snapshot: snapshots.get(jail.name) ?? '',
    members: members.flatMap(({ name }) => {
      const source = now.get(name);
      const description = {
        jail: jail.name,
        path: name.slice(dataset.length),
        at: name === dataset ? '' : within(source?.mountpoint ?? '', jail.root),
        volume: source?.volume === true,
        host: hostname(),
        properties: (properties.get(name) ?? []).filter(
          ([property]) => !/^jtx:(aside|backup-of)$/.test(property),
        ),
        gone: undefined,
      };
      return source ? [{ source, description }] : [];
    }),
  };
}

/** The part of a path below another; undefined where it lies elsewhere. */
function within(path: string, root: string): string | undefined {
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

/** A target has a jail when it has every dataset of it as it is. */
function hasAll({ copies }: Reached, { jail, dataset, members }: Whole): boolean {
  const paths = members.map(({ name }) => name.slice(dataset.length));
  const lost = copies.some(
    (copy) =>
      copy.jail === jail.name && copy.gone === undefined && isLive(copy) && !paths.includes(copy.path),
  );
  return (
    !lost &&
    members.every((source, at) => {
      const name = copyName(jail.name, paths[at] ?? '');
      return isCurrent(
        source,
        copies.find((copy) => copy.name === name),
      );
    })
  );
}

function isLive({ name, jail, path }: Copy): boolean {
  return name === copyName(jail, path);
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
  await Promise.all(Array.from({ length: Math.max(1, Math.floor(limit)) }, worker));
}

/** The results of one backup, each in the journal as soon as it is known. */
class Night {
  readonly id: string;
  readonly results: BackupResult[] = [];
  private readonly context: Context;
  private readonly targets: readonly string[];

  constructor(context: Context, id: string, targets: readonly string[]) {
    this.context = context;
    this.id = id;
    this.targets = targets;
  }

  sent(jail: string, target: string, point: string, bytes: number): void {
    this.record({ jail, target, state: 'sent', point, bytes, message: null, at: Date.now() });
  }

  unchanged(jail: string, { target, copies }: Reached): void {
    const point = completeBackups(copies, jail).at(-1) ?? null;
    const at = Date.now();
    this.record({ jail, target: target.name, state: 'unchanged', point, bytes: 0, message: null, at });
  }

  fail(jail: string, target: string, { message, hint }: JtxError): void {
    const text = hint === undefined ? message : `${message}\n${hint}`;
    this.context.progress.note(`${jail} to ${target}: ${message}`);
    this.record({ jail, target, state: 'failed', point: null, bytes: 0, message: text, at: Date.now() });
  }

  failEverywhere(jail: string, error: JtxError): void {
    for (const target of this.targets)
      if (!this.results.some((known) => known.jail === jail && known.target === target))
        this.fail(jail, target, error);
  }

  private record(result: BackupResult): void {
    this.results.push(result);
    this.context.journal.backups.record(this.id, result);
  }
}
