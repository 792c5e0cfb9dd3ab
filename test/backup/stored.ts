import type { Copy } from '../../src/backup/copy.ts';
import type { Stored, StoredPoint } from '../../src/zfs/inventory.ts';

/** A backup's id that tells its place in the order. */
export function ulid(at: number): string {
  return `01${String(at).padStart(24, '0')}`;
}

/** A snapshot `jtx-backup-...` whose guid and time are its number. */
export function snapshot(at: number, more: Partial<StoredPoint> = {}): StoredPoint {
  const name = `jtx-backup-${ulid(at)}`;
  return { name, bookmark: false, guid: String(at), txg: at, written: 1, holds: 0, ...more };
}

/** A dataset of a jail. */
export function stored(points: readonly StoredPoint[], more: Partial<Stored> = {}): Stored {
  return {
    name: 'zroot/jails/web',
    volume: false,
    mountpoint: '/jails/web',
    mounted: true,
    encryptionRoot: undefined,
    written: 0,
    token: undefined,
    backup: undefined,
    backupOf: undefined,
    points: [...points],
    ...more,
  };
}

/** A copy with backups of these numbers. */
export function copy(backups: readonly number[], more: Partial<Copy> = {}): Copy {
  const points = backups.map((at) => ({ snapshot: `jtx-backup-${ulid(at)}`, guid: String(at) }));
  const described = {
    jail: 'web',
    path: '',
    at: '',
    volume: false,
    host: 'here',
    properties: [],
    gone: undefined,
  };
  return { ...described, name: 'web', points, token: undefined, ...more };
}
