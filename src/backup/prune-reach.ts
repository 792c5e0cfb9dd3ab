import { hostname } from 'node:os';
import type { Config } from '../config/settings.ts';
import { JtxError } from '../error.ts';
import type { Abilities } from '../zfs/send.ts';
import type { BackupTarget } from './backup-target.ts';
import type { Copy } from './copy.ts';
import { openTarget } from './open-target.ts';
import type { SourceState } from './prune-source.ts';
import type { Place } from './target.ts';

/** A target with what it has. */
export interface Reached {
  place: Place;
  target: BackupTarget;
  copies: readonly Copy[];
}

/** Asks targets what they have, where something depends on it, and says which could not be asked. */
export async function reach(
  { retention }: Config,
  places: readonly Place[],
  abilities: Abilities,
  planOnly: boolean,
): Promise<{ reached: Reached[]; failed: { place: string; error: JtxError }[] }> {
  const reached: Reached[] = [];
  const failed: { place: string; error: JtxError }[] = [];
  for (const place of places) {
    if (place.keep === undefined && retention.backups === undefined && !planOnly) continue;
    try {
      const target = await openTarget(place, abilities);
      reached.push({ place, target, copies: await target.list() });
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      failed.push({ place: place.name, error });
    }
  }
  return { reached, failed };
}

/** What each target has last: on the host it may be the base of what is sent next. */
export function basesOf(reached: readonly Reached[]): SourceState['bases'] {
  return reached.map(({ target, copies }) => ({
    target: target.name,
    guids: new Set(copies.flatMap(({ points }) => points.at(-1)?.guid ?? [])),
  }));
}

/** The jails of which there are backups of this host, also of jails that are no more. */
export function jailsOf(copies: readonly Copy[], names: readonly string[]): string[] {
  const own = copies.filter(({ host }) => host === hostname()).map(({ jail }) => jail);
  return [...new Set(own)].filter((jail) => names.length === 0 || names.includes(jail)).sort();
}
