import { InvalidArgumentError } from 'commander';
import { findExpected } from '../backup/expected.ts';
import { judgeBackups, type Level, worstOf } from '../backup/judge.ts';
import { choosePlaces } from '../backup/open-target.ts';
import { loadConfig } from '../config/config.ts';
import { JtxError, refused, usage } from '../error.ts';
import { runCommand } from '../host/run.ts';
import { jailName } from '../jail/name.ts';
import type { BackupStatus } from '../report/backup-status.ts';
import { safeText } from '../report/safe-text.ts';
import { parseDuration } from './duration.ts';
import { outputLook, print, withJournal } from './reading.ts';

/** The options of `jtx backup --status`. */
export interface StatusOptions {
  target: readonly string[];
  warn?: string;
  critical?: string;
  provedWithin?: string;
  json?: boolean;
  prometheus?: boolean;
}

const hour = 3_600_000;
/** A night, and two hours that it may take longer. */
const defaultWarn = 26 * hour;
/** The same for two nights. */
const defaultCritical = 50 * hour;

/** What Nagios makes of an exit status. */
const statuses: Readonly<Record<Level | 'unknown', number>> = { ok: 0, warning: 1, critical: 2, unknown: 3 };

/** `jtx backup --status`: where every jail stands on every target. Reads only, and takes no lock. */
export async function showBackupStatus(jails: readonly string[], options: StatusOptions): Promise<void> {
  try {
    await show(await look(jails, options), options);
  } catch (error) {
    await showUnknown(error, options);
  }
}

async function look(jails: readonly string[], options: StatusOptions): Promise<BackupStatus> {
  if (options.json === true && options.prometheus === true)
    throw usage('--json and --prometheus exclude each other');
  const limits = limitsOf(options);
  const config = loadConfig(process.env);
  const targets = choosePlaces(config.backup.places, options.target).map(({ name }) => name);
  const standings = await withJournal((journal) => journal?.backups.standings());
  if (standings === undefined)
    throw refused('journal-missing', `there is no journal ${config.journal} yet`, 'jtx backup begins one.');
  const earlier = [...new Set(standings.map(({ jail }) => jail))];
  const expected = await findExpected(runCommand, config, jails.map(jailName), earlier);
  // A monitor that looks at nothing must not say that all is well.
  if (expected.jails.length === 0) throw refused('nothing-expected', nothingToDo(expected.leftOut));
  const at = Date.now();
  const findings = judgeBackups(standings, expected.jails, targets, limits, at);
  return { findings, limits, level: worstOf(findings), leftOut: expected.leftOut, at };
}

function nothingToDo(leftOut: readonly string[]): string {
  const why = leftOut.length === 0 ? '' : `; left out: ${leftOut.join(', ')}`;
  return `there is no jail that is to be backed up${why}`;
}

function limitsOf({ warn, critical, provedWithin }: StatusOptions): BackupStatus['limits'] {
  const warned = warn === undefined ? undefined : parseDuration(warn);
  const worst = critical === undefined ? Math.max(defaultCritical, warned ?? 0) : parseDuration(critical);
  if (warned !== undefined && warned > worst) throw usage('--warn must not be longer than --critical');
  return {
    warn: warned ?? Math.min(defaultWarn, worst),
    critical: worst,
    proved: provedWithin === undefined ? undefined : parseDuration(provedWithin),
  };
}

async function show(status: BackupStatus, { json, prometheus }: StatusOptions): Promise<void> {
  // What reads metrics judges for itself, and wants to know only whether they are there.
  process.exitCode = prometheus === true ? 0 : statuses[status.level];
  if (prometheus === true) {
    const { backupMetrics } = await import('../report/backup-metrics.ts');
    process.stdout.write(backupMetrics(status));
  } else if (json === true) {
    const { envelope } = await import('../report/json.ts');
    const { backupStatusJson } = await import('../report/backup-status.ts');
    print(envelope('backup', { status: backupStatusJson(status) }));
  } else {
    const { backupStatusText } = await import('../report/backup-status-text.ts');
    print(await backupStatusText(status, await outputLook()));
  }
}

/** Whatever keeps jtx from looking is UNKNOWN to Nagios, a bug too: its own exit status would be a mere warning. */
async function showUnknown(error: unknown, { json, prometheus }: StatusOptions): Promise<void> {
  process.exitCode = statuses.unknown;
  const { code, message, hint, stack } = failureOf(error);
  if (stack !== undefined) process.stderr.write(`${stack}\n`);
  if (json === true) {
    const { envelope } = await import('../report/json.ts');
    print(envelope('backup', { error: { code, message, state: null, hint: hint ?? null } }));
  } else if (prometheus === true) process.stderr.write(`jtx: ${safeText(message)}\n`);
  else {
    const { unknownLine } = await import('../report/backup-status-text.ts');
    print([unknownLine(message), ...(hint === undefined ? [] : [safeText(hint)])].join('\n'));
  }
}

interface Failure {
  code: string;
  message: string;
  hint?: string | undefined;
  /** Of a bug. */
  stack?: string | undefined;
}

function failureOf(error: unknown): Failure {
  if (error instanceof JtxError) return { code: error.code, message: error.message, hint: error.hint };
  if (error instanceof InvalidArgumentError) return { code: 'usage', message: error.message };
  if (error instanceof Error) return { code: 'unexpected', message: error.message, stack: error.stack };
  return { code: 'unexpected', message: String(error) };
}
