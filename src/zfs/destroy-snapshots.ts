import { complaint, type Run, succeeded } from '../host/run.ts';
import type { StoredPoint } from './inventory.ts';
import { datasetName } from './names.ts';
import type { Abilities } from './send.ts';

/** Names in one command: a word of a command line has an end. */
const together = 200;

/** Whether zfs(8) says of a snapshot that somebody else needs it; an old one has other words. */
export function isNeeded(said: string): boolean {
  return /is busy|being held|is held|is cloned|dependent clones/.test(said);
}

/**
 * Destroys snapshots of one dataset, which must be jtx's own; that one is gone is fine. A newer zfs(8) takes many in one
 * step, all or none; where one of them cannot go the others go one by one. Gives those that stay because they are held,
 * in use or cloned, and why. Throws `command-failed`.
 */
export async function destroySeveral(
  run: Run,
  { modern }: Abilities,
  dataset: string,
  snapshots: readonly string[],
): Promise<Map<string, string>> {
  const kept = new Map<string, string>();
  for (let at = 0; at < snapshots.length; at += together) {
    const some = snapshots.slice(at, at + together);
    if (modern && some.length > 1 && (await destroy(run, dataset, some)) === undefined) continue;
    for (const snapshot of some) {
      const why = await destroy(run, dataset, [snapshot]);
      if (why !== undefined) kept.set(snapshot, why);
    }
  }
  return kept;
}

/** Gives why none of them went. */
async function destroy(run: Run, dataset: string, snapshots: readonly string[]): Promise<string | undefined> {
  const names = snapshots.map(snapshotWord).join(',');
  const done = await run(['zfs', 'destroy', `${datasetName(dataset)}@${names}`], { changes: true });
  if (/could not find any snapshots|does not exist/.test(done.stderr)) return undefined;
  if (isNeeded(done.stderr)) return complaint(done);
  succeeded(done);
  return undefined;
}

/** A comma or a % in a name would mean other snapshots. */
function snapshotWord(name: string): string {
  if (/^[A-Za-z0-9_.:-]+$/.test(name)) return name;
  throw new RangeError(`${JSON.stringify(name)} is no name of a snapshot that jtx makes`);
}

/** Why a snapshot cannot be destroyed, as far as it shows. */
export function whyItStays({ holds, clones = [] }: StoredPoint): { stays?: string } {
  if (holds > 0) return { stays: 'held' };
  return clones.length > 0 ? { stays: `origin of ${clones.join(', ')}` } : {};
}
