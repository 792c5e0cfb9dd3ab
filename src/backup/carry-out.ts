import { JtxError } from '../error.ts';
import { listMounts } from '../host/mounts.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { ownPropertiesOfExisting } from '../zfs/own-properties.ts';
import type { Abilities } from '../zfs/send.ts';
import { arrivalOf, type Describing, describeMembers, describing, hasAll } from './arrival.ts';
import type { BackupTarget } from './backup-target.ts';
import { type Arrival, bringJail, tellUnchanged } from './bring-jail.ts';
import { type Copy, completeBackups } from './copy.ts';
import type { Night } from './night.ts';
import { type Secured, type SecuredJail, secureJails } from './secure.ts';
import { goneMeanwhile } from './snapshot-jails.ts';
import type { Whole } from './subjects.ts';

/** A target with what it has. */
export interface Reached {
  target: BackupTarget;
  copies: readonly Copy[];
}

/**
 * Brings jails to the targets that lack something of them, and tells the others what has come of their properties. What
 * fails for one jail or target is told and does not stop the others. Throws `command-failed` where zfs(8) or mount(8)
 * fails for all, and `mounts-unreadable`.
 */
export async function carryOut(
  context: Context,
  night: Night,
  abilities: Abilities,
  jails: readonly Whole[],
  reached: readonly Reached[],
): Promise<void> {
  if (reached.length === 0) return;
  const isBehind = (jail: Whole): boolean => !reached.every(({ copies }) => hasAll(copies, jail));
  const secured = await secureChanged(context, night, jails.filter(isBehind));
  const unchanged = jails.filter((jail) => !isBehind(jail));
  const all = [...unchanged, ...secured.map(({ whole }) => whole)];
  const { own, unreadable } = await ownPropertiesOfExisting(runCommand, describing(all));
  const known = { properties: own, mounts: await listMounts(runCommand) };
  const isReadable = (jail: Whole): boolean => {
    const errors = describing([jail]).flatMap((name) => unreadable.get(name) ?? []);
    for (const error of errors.slice(0, 1)) night.failEverywhere(jail.jail.name, error);
    return errors.length === 0;
  };
  for (const jail of unchanged.filter(isReadable)) await leave(night, jail, reached, known);
  const arrivals = secured
    .filter(({ whole }) => isReadable(whole))
    .flatMap((jail) => {
      const gone = jail.whole.members.find(({ name }) => !own.has(name));
      if (gone) night.failEverywhere(jail.whole.jail.name, goneMeanwhile(gone.name));
      return gone ? [] : [arrivalOf(night.id, abilities, jail, known)];
    });
  await bringAll(context, night, arrivals, reached);
}

async function secureChanged(
  context: Context,
  night: Night,
  changed: readonly Whole[],
): Promise<SecuredJail[]> {
  if (changed.length === 0 || context.interrupt.aborted) return [];
  context.progress.step('snapshot', inWords(changed));
  const secured: Secured = await secureJails(context, night.id, changed);
  for (const { jail, error } of secured.failed) night.failEverywhere(jail, error);
  return secured.jails;
}

/** Nothing of a jail is sent: every target has it. */
async function leave(
  night: Night,
  whole: Whole,
  reached: readonly Reached[],
  known: Describing,
): Promise<void> {
  const { name } = whole.jail;
  const members = describeMembers(whole, known);
  for (const { target, copies } of reached) {
    const point = completeBackups(copies, name).at(-1) ?? null;
    try {
      await tellUnchanged({ members, backup: point ?? night.id }, target, copies);
      night.unchanged(name, target.name, point);
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      night.fail(name, target.name, error);
    }
  }
}

async function bringAll(
  context: Context,
  night: Night,
  arrivals: readonly Arrival[],
  reached: readonly Reached[],
): Promise<void> {
  const each = arrivals.flatMap((arrival) => reached.map((one) => ({ arrival, ...one })));
  // One that stands still would do so for each of the others, and with them the whole night.
  const stalled = new Map<BackupTarget, JtxError>();
  await inParallel(context.config.backup.parallel, each, async ({ arrival, target, copies }) => {
    if (context.interrupt.aborted) return night.fail(arrival.jail, target.name, interrupted());
    const before = stalled.get(target);
    if (before) return night.fail(arrival.jail, target.name, before);
    try {
      const { bytes, point } = await bringJail(context, arrival, target, copies);
      night.sent(arrival.jail, target.name, point, bytes);
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      if (error.code === 'target-stalled') stalled.set(target, error);
      night.fail(arrival.jail, target.name, context.interrupt.aborted ? interrupted() : error);
    }
  });
}

/** A line of two hundred names tells nobody anything. */
function inWords(jails: readonly Whole[]): string {
  return jails.length > 10 ? `${jails.length} jails` : jails.map(({ jail }) => jail.name).join(' ');
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
