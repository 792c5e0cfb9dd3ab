import { refused } from '../error.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import type { Stored } from '../zfs/inventory.ts';
import type { Abilities } from '../zfs/send.ts';
import type { BackupTarget } from './backup-target.ts';
import { isBaseOf, keepBase } from './base.ts';
import { type Copy, type Description, describeAt } from './copy.ts';
import { lostCopies } from './lost-copies.ts';
import { backupOf, copyName } from './names.ts';
import { requireOwn } from './own-copy.ts';
import { isCurrent } from './plan-sending.ts';

/** A jail's snapshot that is to get to a target. */
export interface Arrival {
  backup: string;
  abilities: Abilities;
  jail: string;
  snapshot: string;
  /** Its own dataset first. */
  members: readonly { source: Stored; description: Description }[];
}

/**
 * Brings a jail to a target. Its own dataset is the last: a target that has it at a backup has all of the jail at that
 * backup. Gives the bytes sent, and the backup that it then is. Throws `dataset-gone`, and as {@link BackupTarget.send}.
 */
export async function bringJail(
  context: Pick<Context, 'config' | 'progress' | 'interrupt'>,
  { backup, abilities, jail, snapshot, members }: Arrival,
  target: BackupTarget,
  copies: readonly Copy[],
): Promise<{ bytes: number; point: string }> {
  const named = new Map(copies.map((copy) => [copy.name, copy]));
  const point = backupOf(snapshot) ?? backup;
  requireTop(jail, members);
  requireOwnJail(members, named, backup);
  // A child that the jail has no more is no part of it from this backup on; what there is of it stays.
  for (const copy of lostCopies(copies, members))
    await target.describe(copy.name, { ...copy, gone: point }, copy);
  let bytes = 0;
  for (const { source, description } of [...members].reverse()) {
    const name = copyName(jail, description.path);
    const whole = description.path === '';
    const known = named.get(name);
    if (known && !whole && isCurrent(source, known, snapshot)) {
      await tellCopy(target, known, description, point);
      await keepLostBase(abilities, source, known, target.name);
      continue;
    }
    const what = `${source.name} to ${target.name}`;
    context.progress.step('sending', what);
    const sent = await target.send({
      source,
      snapshot,
      backup,
      name,
      description,
      abort: context.interrupt,
      silence: context.config.backup.silence,
      onProgress: ({ sent: so, total }) => context.progress.fetch(so, total ?? 0, what),
      onWait: (why) => context.progress.note(`${source.name}: ${why}; waiting for it`),
    });
    bytes += sent.bytes;
    await keepBase(runCommand, abilities, source, snapshot, target.name);
  }
  return { bytes, point };
}

/**
 * Tells a target which has all of a jail, in this backup, what its datasets are by now. Throws as
 * {@link BackupTarget.describe}.
 */
export async function tellUnchanged(
  { members, backup }: Pick<Arrival, 'members' | 'backup'>,
  target: BackupTarget,
  copies: readonly Copy[],
): Promise<void> {
  const named = new Map(copies.map((copy) => [copy.name, copy]));
  for (const { description } of members) {
    const known = named.get(copyName(description.jail, description.path));
    if (known) await tellCopy(target, known, description, backup);
  }
}

/** A property or a mount point that was set since has written nothing into a dataset: it is current all the same. */
function tellCopy(
  target: BackupTarget,
  known: Copy,
  description: Description,
  backup: string,
): Promise<void> {
  return target.describe(known.name, describeAt(description, known, backup), known);
}

/** Of nothing no target has a backup; nor is all of it lost. Throws `dataset-gone`. */
function requireTop(jail: string, [top]: Arrival['members']): void {
  if (top?.description.path !== '') throw refused('dataset-gone', `there is nothing of ${jail} to be sent`);
}

/**
 * Where another host has a jail of this name there, no child of this one may come to lie among that one's: it would be
 * restored with it. Throws `target-blocked`.
 */
function requireOwnJail([top]: Arrival['members'], named: ReadonlyMap<string, Copy>, backup: string): void {
  const copy = top && named.get(copyName(top.description.jail, ''));
  if (copy) requireOwn(copy, top.source, top.description.host, backup);
}

/** A run that was cut off just after it had sent a child has not kept the base; what has not changed is not sent again. */
async function keepLostBase(abilities: Abilities, source: Stored, copy: Copy, target: string): Promise<void> {
  const newest = copy.points.findLast(({ snapshot }) => backupOf(snapshot) !== undefined);
  const same = source.points.filter(({ guid }) => guid === newest?.guid);
  const kept = abilities.modern
    ? same.some(({ bookmark, name }) => bookmark && isBaseOf(name, target))
    : same.some(({ holds }) => holds > 0);
  const point = same.find(({ bookmark, name }) => !bookmark && backupOf(name) !== undefined);
  if (point && !kept) await keepBase(runCommand, abilities, source, point.name, target);
}
