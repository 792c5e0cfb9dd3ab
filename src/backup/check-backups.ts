import { JtxError, refused } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import type { BackupCheck } from '../journal/backups.ts';
import type { Context } from '../transaction/context.ts';
import { lockDirectory } from '../transaction/lock-directory.ts';
import { askAbilities } from '../zfs/send.ts';
import { completeBackups, membersAt } from './copy.ts';
import { type Drill, proveBackup, takeAway } from './drill.ts';
import { whileReading } from './lock-backups.ts';
import { choosePlaces, openTarget } from './open-target.ts';
import { placeFor } from './restore-place.ts';

/** What a person asks to be proved. */
export interface CheckRequest {
  /** Empty: every jail that a target has. */
  jails: readonly string[];
  targets: readonly string[];
  /** At most so many, those first that were proved longest ago or never. */
  sample: number | undefined;
}

/**
 * Restores the newest backup of jails from targets, to see that they can be, and records what came of it. Throws
 * {@link JtxError} for what is refused before anything is done; `prune-running`.
 */
export function checkBackups(context: Context, request: CheckRequest): Promise<BackupCheck[]> {
  return whileReading(context, () => checkAll(context, request));
}

async function checkAll(context: Context, request: CheckRequest): Promise<BackupCheck[]> {
  const places = choosePlaces(context.config.backup.places, request.targets);
  const lock = lockRoot(lockDirectory(context.config), 'the drill');
  try {
    await takeAway(context);
    const abilities = await askAbilities(runCommand);
    const wanted: Omit<Drill, 'dataset'>[] = [];
    for (const place of places) {
      const target = await openTarget(place, abilities);
      const copies = await target.list();
      const jails =
        request.jails.length > 0 ? request.jails : [...new Set(copies.map(({ jail }) => jail))].sort();
      for (const jail of jails) {
        const backup = completeBackups(copies, jail).at(-1);
        if (backup === undefined && request.jails.length === 0) continue;
        if (backup === undefined)
          throw refused('backup-unknown', `${place.name} has no complete backup of ${jail}`);
        wanted.push({ target, jail, backup, members: membersAt(copies, jail, backup), abilities });
      }
    }
    const proved = new Map(
      context.journal.backups
        .standings()
        .map(({ jail, target, check }) => [`${jail} ${target}`, check?.at ?? 0]),
    );
    const age = (one: Omit<Drill, 'dataset'>): number => proved.get(`${one.jail} ${one.target.name}`) ?? 0;
    const chosen = wanted.sort((one, other) => age(one) - age(other)).slice(0, request.sample);
    const checks: BackupCheck[] = [];
    for (const drill of chosen) {
      if (context.interrupt.aborted) break;
      const check = await attempt(context, drill);
      context.journal.backups.recordCheck(check);
      checks.push(check);
    }
    return checks;
  } finally {
    lock.release();
  }
}

async function attempt(context: Context, drill: Omit<Drill, 'dataset'>): Promise<BackupCheck> {
  const known = { jail: drill.jail, target: drill.target.name, point: drill.backup };
  try {
    const { dataset } = await placeFor(context, drill.jail);
    const message = await proveBackup(context, { ...drill, dataset });
    return { ...known, state: 'proved', message, at: Date.now() };
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
    return { ...known, state: 'failed', message: error.message, at: Date.now() };
  }
}
