import { whyItStays } from '../zfs/destroy-snapshots.ts';
import type { Stored } from '../zfs/inventory.ts';
import { type Copy, type Description, parseDescription } from './copy.ts';
import { backupOf } from './names.ts';

/** The user property in which a copy says what it is. */
export const described = 'jtx:backup-of';

/** A dataset below `top` as the copy that it says it is; undefined where it says nothing. Pure. */
export function copyOf(stored: Stored, top: string): Copy | undefined {
  const description = stored.backupOf === undefined ? undefined : parseDescription(stored.backupOf);
  return description && { ...description, ...contents(stored, top) };
}

/** What a first stream has left that was cut off before it was described; undefined where it is another's. Pure. */
export function adopted(stored: Stored, top: string, description: Description): Copy | undefined {
  const own = stored.points.every(({ name }) => backupOf(name) !== undefined);
  return own && (stored.token !== undefined || stored.points.length > 0)
    ? { ...description, properties: [], ...contents(stored, top) }
    : undefined;
}

type Contents = Pick<Copy, 'name' | 'points' | 'token' | 'raw'>;

function contents({ name, points, token, encryptionRoot }: Stored, top: string): Contents {
  const snapshots = points.filter(({ bookmark }) => !bookmark);
  return {
    name: name.slice(top.length + 1),
    points: snapshots.map((point) => ({ snapshot: point.name, guid: point.guid, ...whyItStays(point) })),
    token,
    // One that is a clone since a fork has its key in the copy that goes on.
    ...(encryptionRoot?.startsWith(`${top}/`) ? { raw: true as const } : {}),
  };
}
