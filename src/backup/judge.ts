import type { BackupStanding } from '../journal/backups.ts';

/** From what age on a backup is a matter for a person: milliseconds. */
export interface Limits {
  warn: number;
  critical: number;
  /** How long ago a restore may at most have proved it; undefined where nobody asks for that. */
  proved: number | undefined;
}

/** How bad it is, from the best to the worst. */
export const levels = ['ok', 'warning', 'critical'] as const;
export type Level = (typeof levels)[number];

/** What is not as it should be. */
export type BackupReason =
  /** There is no backup at all. */
  | 'never'
  | 'old'
  /** The newest is later than now, so its age is unknown: a clock ran ahead. */
  | 'future'
  /** The last attempt failed. */
  | 'failed'
  /** The last restore that was to prove it failed. */
  | 'unrestorable'
  /** No restore has proved it in the time that was asked for. */
  | 'unproved';

/** Where a jail stands on a target, judged. */
export interface Finding {
  jail: string;
  target: string;
  level: Level;
  /** The worst first. */
  reasons: BackupReason[];
  /** Undefined where there never was an attempt. */
  standing: BackupStanding | undefined;
  /** Milliseconds since what the target has of the jail was its state, as far as is known. */
  age: number | undefined;
}

/** By how much the time of a backup may be ahead, in milliseconds. */
const slack = 5 * 60_000;

/** Judges every jail on every target, in the order given. Pure. */
export function judgeBackups(
  standings: readonly BackupStanding[],
  jails: readonly string[],
  targets: readonly string[],
  limits: Limits,
  now: number,
): Finding[] {
  return jails.flatMap((jail) =>
    targets.map((target) => {
      const standing = standings.find((one) => one.jail === jail && one.target === target);
      const age = standing?.good == null ? undefined : now - standing.good;
      const judged = [...ofAge(age, limits), ...ofLast(standing), ...ofProof(standing, limits, now)];
      judged.sort(([, one], [, other]) => levels.indexOf(other) - levels.indexOf(one));
      const reasons = judged.map(([reason]) => reason);
      return { jail, target, level: judged[0]?.[1] ?? 'ok', reasons, standing, age };
    }),
  );
}

/** The worst of all. */
export function worstOf(findings: readonly Finding[]): Level {
  return levels.findLast((level) => findings.some((finding) => finding.level === level)) ?? 'ok';
}

type Judged = readonly [BackupReason, Level];

function ofAge(age: number | undefined, { warn, critical }: Limits): Judged[] {
  if (age === undefined) return [['never', 'critical']];
  if (age < -slack) return [['future', 'warning']];
  if (age > critical) return [['old', 'critical']];
  return age > warn ? [['old', 'warning']] : [];
}

/** One failure alone takes nothing away from the backups that there are; when it goes on, their age tells. */
function ofLast(standing: BackupStanding | undefined): Judged[] {
  return standing?.last.state === 'failed' ? [['failed', 'warning']] : [];
}

function ofProof(standing: BackupStanding | undefined, { proved }: Limits, now: number): Judged[] {
  const check = standing?.check;
  if (check?.state === 'failed') return [['unrestorable', 'critical']];
  if (proved === undefined || standing?.good == null) return [];
  const age = check === undefined ? undefined : now - check.at;
  // How old one of a clock that ran ahead is nobody knows.
  return age === undefined || age > proved || age < -slack ? [['unproved', 'warning']] : [];
}
