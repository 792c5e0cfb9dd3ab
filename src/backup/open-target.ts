import { refused } from '../error.ts';
import { complaint, runCommand } from '../host/run.ts';
import { runOver } from '../host/ssh.ts';
import { type Abilities, abilitiesOf, versionCommand } from '../zfs/send.ts';
import type { BackupTarget } from './backup-target.ts';
import { DatasetTarget } from './dataset-target.ts';
import { DirectoryTarget } from './directory-target.ts';
import type { Place } from './target.ts';

/** Opens a place for backups. `here` is what this host's zfs(8) can do. Throws `target-unreachable`. */
export async function openTarget({ name, to }: Place, here: Abilities): Promise<BackupTarget> {
  if (to.kind === 'directory') return new DirectoryTarget(name, to.directory, here);
  if (to.kind === 'dataset') return new DatasetTarget(name, to, here);
  const asked = await runOver(to, runCommand)(versionCommand);
  const there = abilitiesOf(asked);
  if (there) return new DatasetTarget(name, to, { modern: here.modern && there.modern });
  // ssh(1) itself ends with 255.
  const what = asked.status === 255 ? 'cannot be reached' : 'does not say what its zfs(8) can do';
  throw refused('target-unreachable', `${to.host} ${what}: ${complaint(asked)}`);
}

/** The places that are configured, or those of these names. Throws `no-target`, `target-unknown`. */
export function choosePlaces(places: readonly Place[], names: readonly string[]): Place[] {
  if (places.length === 0)
    throw refused('no-target', 'no place for backups is configured', 'docs/backup.md shows how.');
  const unknown = names.find((name) => !places.some((place) => place.name === name));
  if (unknown !== undefined)
    throw refused(
      'target-unknown',
      `there is no target ${JSON.stringify(unknown)}`,
      `Known: ${places.map(({ name }) => name).join(', ')}.`,
    );
  return places.filter(({ name }) => names.length === 0 || names.includes(name));
}
