import { closeSync, openSync } from 'node:fs';
import { type Run, succeeded } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { setProperties } from '../zfs/properties.ts';
import { type Abilities, receiveCommand } from '../zfs/send.ts';
import { requireReceived } from './arrived.ts';
import type { BackupTarget } from './backup-target.ts';
import type { Member } from './copy.ts';
import { eachBelow } from './each-below.ts';
import { backupOf, backupSnapshot } from './names.ts';
import { runSending } from './run-sending.ts';

/** A tree that a backup becomes. */
export interface Tree {
  /** Its top dataset, which must not exist. */
  top: string;
  abilities: Abilities;
}

/**
 * Receives a jail at a backup as a tree of datasets, unmounted and read-only. Throws `send-failed`, `target-stalled`,
 * `backup-broken`; then a part of it may be there.
 */
export async function receiveTree(
  context: Context,
  run: Run,
  target: BackupTarget,
  members: readonly Member[],
  tree: Tree,
): Promise<void> {
  await eachBelow(run, tree.top, members, async (member, dataset) => {
    context.progress.step('receiving', `${member.copy.name} from ${target.name}`);
    await receiveMember(context, run, target, member, dataset, tree);
  });
}

/** A stream carries no properties: the snapshot that it brings is known for jtx's own by this one. */
async function own(run: Run, dataset: string, snapshot: string): Promise<void> {
  const backup = backupOf(snapshot);
  if (backup === undefined || snapshot !== backupSnapshot(backup)) return;
  succeeded(await run(['zfs', 'set', `jtx:backup=${backup}`, `${dataset}@${snapshot}`], { changes: true }));
}

async function receiveMember(
  context: Context,
  run: Run,
  target: BackupTarget,
  { copy, point }: Member,
  dataset: string,
  { abilities }: Tree,
): Promise<void> {
  const sealed = [['readonly', 'on'] as const, ['canmount', 'noauto'] as const];
  // A volume has no canmount.
  const properties = copy.volume ? sealed.filter(([name]) => name !== 'canmount') : sealed;
  const streams = await target.streams(copy, point);
  for (const [at, { commands, file, snapshot }] of streams.entries()) {
    const given = at === 0 ? properties.map(([name, value]) => `${name}=${value}`) : [];
    const from = file === undefined ? undefined : openSync(file, 'r');
    try {
      const finished = await runSending([...commands, receiveCommand(abilities, dataset, given)], {
        ...(from === undefined ? {} : { from }),
        abort: context.interrupt,
        silence: context.config.backup.silence,
        tell: ({ sent, total }) => context.progress.fetch(sent, total ?? 0, copy.name),
      });
      requireReceived(finished);
    } finally {
      if (from !== undefined) closeSync(from);
    }
    if (at === 0 && !abilities.modern) await setProperties(run, dataset, properties);
    await own(run, dataset, snapshot);
  }
}
