import { JtxError } from '../error.ts';
import { runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import { type Abilities, askAbilities } from '../zfs/send.ts';
import type { BackupTarget } from './backup-target.ts';
import { chooseBackup } from './choose-backup.ts';
import { completeBackups, describedAt, type Member, membersAt } from './copy.ts';
import { choosePlaces, openTarget } from './open-target.ts';
import { type Place, parseAddress } from './target.ts';

/** Which backup of a jail is wanted. */
export interface WantedBackup {
  jail: string;
  /** A target's name, or where one lies; undefined looks at all. */
  from: string | undefined;
  /** A backup, a transaction or a time; undefined is the newest. */
  at: string | undefined;
}

/** A backup of a jail, found. */
export interface FoundBackup {
  target: BackupTarget;
  backup: string;
  members: Member[];
  /** The backup of which their properties and mount points are, at the earliest: a target keeps only the last. */
  described: string;
  abilities: Abilities;
  /** Which targets could not be asked, in words: one of them may have a newer one. */
  notes: string[];
}

/**
 * Finds a backup: of several targets that have one it is the newest, and among equals the first that is configured. A
 * target that cannot be asked is told, and does not stop the others. Throws `no-target`, `target-unknown`,
 * `target-missing`, `target-unreachable`, `backup-unknown`.
 */
export async function findBackup(context: Context, { jail, from, at }: WantedBackup): Promise<FoundBackup> {
  const abilities = await askAbilities(runCommand);
  let best: Omit<FoundBackup, 'notes'> | undefined;
  let unknown: JtxError | undefined;
  const failures: { target: string; error: JtxError }[] = [];
  for (const place of placesOf(context, from)) {
    try {
      const target = await openTarget(place, abilities);
      const copies = await target.list();
      const backup = chooseBackup(completeBackups(copies, jail), at, Date.now());
      const members = membersAt(copies, jail, backup);
      if (best && best.backup >= backup) continue;
      best = {
        target,
        backup,
        members,
        described: describedAt(copies, jail, members) ?? backup,
        abilities,
      };
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      if (error.code === 'backup-unknown') unknown ??= error;
      else failures.push({ target: place.name, error });
    }
  }
  if (best) return { ...best, notes: failures.map(unasked) };
  // Whether there is none is not known while one could not be asked.
  throw failures[0]?.error ?? unknown ?? new Error('there is no place to look at');
}

function unasked({ target, error }: { target: string; error: JtxError }): string {
  return `${target} could not be asked: ${error.message}; it may have a newer one: --from ${target}`;
}

/** A place that is configured, or one that a person gives on a host that was never told of it. */
function placesOf({ config }: Context, from: string | undefined): Place[] {
  const { places } = config.backup;
  if (from === undefined) return choosePlaces(places, []);
  if (!/[/]/.test(from)) return choosePlaces(places, [from]);
  return [{ name: from, to: parseAddress(from), keep: undefined }];
}
