import type { BackupReason, Finding, Level, Limits } from '../backup/judge.ts';
import { relativeTime } from './time.ts';

/** What `jtx backup --status` has found. Times are milliseconds since the epoch. */
export interface BackupStatus {
  findings: readonly Finding[];
  limits: Limits;
  level: Level;
  /** Jails that `jtx:backup=off` or the configuration leaves out. */
  leftOut: readonly string[];
  at: number;
}

/** The same for scripts; times are ISO 8601 in UTC, lengths of time seconds (docs/scripting.md). */
export function backupStatusJson(status: BackupStatus): Record<string, unknown> {
  const { warn, critical, proved } = status.limits;
  return {
    state: status.level,
    at: time(status.at),
    limits: {
      warn: warn / 1000,
      critical: critical / 1000,
      proved: proved === undefined ? null : proved / 1000,
    },
    backups: status.findings.map(findingJson),
    leftOut: status.leftOut,
  };
}

function findingJson({ jail, target, level, reasons, standing, age }: Finding): Record<string, unknown> {
  const { last, check } = standing ?? {};
  return {
    jail,
    target,
    state: level,
    reasons,
    good: time(standing?.good),
    age: age === undefined ? null : Math.round(age / 1000),
    point: standing?.point ?? null,
    last: last === undefined ? null : { state: last.state, at: time(last.at), message: last.message },
    check:
      check === undefined
        ? null
        : { state: check.state, at: time(check.at), point: check.point, message: check.message },
  };
}

function time(at: number | null | undefined): string | null {
  return at == null ? null : new Date(at).toISOString();
}

/** What a reason means, in words that follow "web on nas: ". */
export function reasonWords(reason: BackupReason, { standing }: Finding, now: number): string {
  if (reason === 'old' && standing?.good != null)
    return `the last good backup is from ${relativeTime(standing.good, now)}`;
  if (reason === 'unproved' && standing?.check !== undefined)
    return `last proved by a restore ${relativeTime(standing.check.at, now)}`;
  return words[reason];
}

const words: Readonly<Record<BackupReason, string>> = {
  never: 'never backed up',
  old: 'the last good backup is too old',
  future: 'the last good backup is later than now: has the clock been set back?',
  failed: 'the last backup failed',
  unrestorable: 'its proof failed',
  unproved: 'never restored',
};
