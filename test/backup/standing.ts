import type { BackupCheck, BackupResult, BackupStanding } from '../../src/journal/backups.ts';

/** The time at which the tests look: milliseconds. */
export const now = Date.UTC(2026, 10, 25, 6, 0, 0);
export const hour = 3_600_000;

/** How a jail stands on a target; ages in hours. */
export interface Standing {
  jail?: string;
  target?: string;
  /** Of the last good backup; undefined where there is none. */
  good?: number;
  /** Of the last attempt, where it failed. */
  failed?: number;
  message?: string;
  check?: { state: BackupCheck['state']; age: number };
}

/** The same in the journal's form. */
export function standing({
  jail = 'web',
  target = 'nas',
  good,
  failed,
  message,
  check,
}: Standing): BackupStanding {
  const point = good === undefined ? null : '01KAWB0000000000000000000A';
  const state: BackupResult['state'] = failed === undefined ? 'sent' : 'failed';
  const last = now - (failed ?? good ?? 0) * hour;
  return {
    jail,
    target,
    last: {
      jail,
      target,
      state,
      point: failed === undefined ? point : null,
      bytes: 0,
      message: message ?? null,
      at: last,
    },
    good: good === undefined ? null : now - good * hour,
    point,
    check: check && {
      jail,
      target,
      point: '01KAWB0000000000000000000A',
      state: check.state,
      message: message ?? null,
      at: now - check.age * hour,
    },
  };
}
