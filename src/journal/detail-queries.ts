import type { PackageChange } from '../pkg/change-set.ts';
import { tiers, type Verification } from '../verify/verification.ts';
import { type CommandRow, type SnapshotRow, type StepRow, stepNames } from './rows.ts';
import type { Columns, Statements } from './statements.ts';

/** The steps of a transaction, as they were entered. */
export function findSteps(statements: Statements, tx: string): StepRow[] {
  return statements.read('SELECT * FROM steps WHERE tx = :tx ORDER BY id', { tx }).map((row) => ({
    name: row.word('name', stepNames),
    started: row.number('started'),
    finished: row.numberOrNull('finished'),
    outcome: row.textOrNull('outcome'),
  }));
}

/** The outside commands of a transaction, as they were recorded. */
export function findCommands(statements: Statements, tx: string): CommandRow[] {
  return statements.read('SELECT * FROM commands WHERE tx = :tx ORDER BY id', { tx }).map(commandRow);
}

/** Those that were started and are not known to have ended. */
export function findInFlight(statements: Statements, tx: string): CommandRow[] {
  const sql = 'SELECT * FROM commands WHERE tx = :tx AND finished IS NULL ORDER BY id';
  return statements.read(sql, { tx }).map(commandRow);
}

function commandRow(row: Columns): CommandRow {
  return {
    id: row.number('id'),
    command: row.list('command').map(String),
    changes: row.flag('changes'),
    pid: row.numberOrNull('pid'),
    pidStarted: row.numberOrNull('pid_started'),
    started: row.number('started'),
    finished: row.numberOrNull('finished'),
    status: row.numberOrNull('status'),
    output: row.textOrNull('output'),
  };
}

/** The latest time at which a transaction is known to have been at work: when it was found to be stuck is none. */
export function findLast(statements: Statements, tx: string): number {
  const [row] = statements.read(
    `SELECT max(at) AS last FROM (
       SELECT started AS at FROM transactions WHERE id = :tx
       UNION ALL SELECT started FROM steps WHERE tx = :tx
       UNION ALL SELECT max(started, coalesce(pid_started, 0), coalesce(finished, 0)) FROM commands WHERE tx = :tx)`,
    { tx },
  );
  return row?.numberOrNull('last') ?? 0;
}

/** What changed between the package lists before and after. */
export function findChanges(statements: Statements, tx: string): PackageChange[] {
  return statements.read('SELECT * FROM package_changes WHERE tx = :tx ORDER BY id', { tx }).map((row) => ({
    name: row.text('name'),
    origin: row.textOrNull('origin') ?? '',
    from: row.textOrNull('from_version'),
    to: row.textOrNull('to_version'),
  }));
}

/** The checks of a transaction, in their order. */
export function findVerifications(statements: Statements, tx: string): Verification[] {
  return statements.read('SELECT * FROM verifications WHERE tx = :tx ORDER BY id', { tx }).map((row) => ({
    tier: row.word('tier', tiers),
    subject: row.text('subject'),
    expected: row.textOrNull('expected'),
    passed: row.flag('passed'),
    output: row.text('output'),
  }));
}

/** The snapshots of a transaction, with their guids. */
export function findSnapshots(statements: Statements, tx: string): SnapshotRow[] {
  return statements.read('SELECT * FROM snapshots WHERE tx = :tx ORDER BY name', { tx }).map((row) => ({
    dataset: row.text('dataset'),
    name: row.text('name'),
    guid: row.text('guid'),
  }));
}

/** When a transaction was under way, and whether the jail was. */
export interface Period {
  started: number;
  ended: number | null;
  /** The jail went on running during it. */
  live: boolean;
}

/** The periods of the transactions of a root that changed it, or may be changing it, from one on. */
export function findPeriods(statements: Statements, root: string, from: string): Period[] {
  return statements
    .read(
      `SELECT started, ended,
         ran AND NOT EXISTS (SELECT 1 FROM steps WHERE tx = transactions.id AND name = 'stop') AS live
       FROM transactions
       WHERE root = :root AND id >= :from AND state IN ('committed', 'open') AND verb <> 'drop'`,
      { root, from },
    )
    .map((row) => ({
      started: row.number('started'),
      ended: row.numberOrNull('ended'),
      live: row.flag('live'),
    }));
}
