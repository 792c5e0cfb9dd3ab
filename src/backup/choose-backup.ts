import { refused } from '../error.ts';
import { absoluteTime } from '../report/time.ts';
import { parseMoment } from '../transaction/moment.ts';
import { isId } from '../zfs/names.ts';
import { backupOf, backupTime } from './names.ts';

/**
 * The backup that is meant, among the complete ones of a jail, oldest first: the newest where nothing is said, one by its
 * id or its snapshot, the last before a transaction, the last that is not younger than a time. Pure but for the time zone.
 * Throws `backup-unknown`.
 */
export function chooseBackup(backups: readonly string[], at: string | undefined, now: number): string {
  const chosen = at === undefined ? backups.at(-1) : find(backups, at, now);
  if (chosen !== undefined) return chosen;
  const known = backups.slice(-5).map((backup) => `${backup} of ${absoluteTime(backupTime(backup))}`);
  throw refused(
    'backup-unknown',
    at === undefined ? 'there is no backup' : `there is no backup for ${JSON.stringify(at)}`,
    known.length > 0 ? `The newest: ${known.reverse().join(', ')}.` : undefined,
  );
}

function find(backups: readonly string[], at: string, now: number): string | undefined {
  const id = (backupOf(at.replace(/^@/, '')) ?? at).toUpperCase();
  if (isId(id)) return backups.findLast((backup) => backup <= id);
  const moment = parseMoment(at, now);
  if (moment !== undefined) return backups.findLast((backup) => backupTime(backup) <= moment);
  const named = /^[0-9A-HJKMNP-TV-Z]{6,}$/.test(id) ? backups.filter((backup) => backup.startsWith(id)) : [];
  return named.length === 1 ? named[0] : undefined;
}
