import type { PackageChange } from '../pkg/change-set.ts';
import type { Verification } from '../verify/verification.ts';
import type { SnapshotRow, Step } from './rows.ts';
import type { Statements } from './statements.ts';

/** Begins a step of a transaction. */
export function insertStep(statements: Statements, tx: string, step: Step, at: number): void {
  statements.write('INSERT INTO steps (tx, name, started) VALUES (:tx, :step, :at)', { tx, step, at });
}

/** Says something of the step that is under way, and keeps what was said of it before. */
export function remarkOnStep(statements: Statements, tx: string, text: string): void {
  statements.write(
    `UPDATE steps SET outcome = coalesce(outcome || '; ', '') || :text
     WHERE finished IS NULL AND id = (SELECT max(id) FROM steps WHERE tx = :tx)`,
    { tx, text },
  );
}

/** Closes the step that is under way, if any; what was said of it stays. */
export function closeStep(statements: Statements, tx: string, outcome: string | null, at: number): void {
  statements.write(
    `UPDATE steps SET finished = :at, outcome = coalesce(outcome, :outcome)
     WHERE finished IS NULL AND id = (SELECT max(id) FROM steps WHERE tx = :tx)`,
    { tx, outcome, at },
  );
}

/** Adds a snapshot of a transaction. */
export function insertSnapshot(statements: Statements, tx: string, snapshot: SnapshotRow): void {
  const { dataset, name, guid } = snapshot;
  const sql =
    'INSERT OR REPLACE INTO snapshots (tx, dataset, name, guid) VALUES (:tx, :dataset, :name, :guid)';
  statements.write(sql, { tx, dataset, name, guid });
}

/** Adds one change of the package list. */
export function insertChange(statements: Statements, tx: string, change: PackageChange): void {
  const { name, origin, from, to } = change;
  statements.write(
    `INSERT INTO package_changes (tx, name, origin, from_version, to_version)
     VALUES (:tx, :name, :origin, :from, :to)`,
    { tx, name, origin, from, to },
  );
}

/** Adds one check and what it found. */
export function insertVerification(statements: Statements, tx: string, check: Verification): void {
  const { tier, subject, expected, passed, output } = check;
  statements.write(
    `INSERT INTO verifications (tx, tier, subject, expected, passed, output)
     VALUES (:tx, :tier, :subject, :expected, :passed, :output)`,
    { tx, tier, subject, expected, passed: passed ? 1 : 0, output },
  );
}
