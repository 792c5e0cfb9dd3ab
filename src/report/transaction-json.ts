import type { CommandRow, SnapshotRow, StepRow, TransactionRow } from '../journal/rows.ts';
import type { PackageChange } from '../pkg/change-set.ts';
import { keptAside, keptSnapshot } from '../transaction/kept.ts';
import type { Verification } from '../verify/verification.ts';

/** All that the journal holds of one transaction. */
export interface TransactionDetails {
  row: TransactionRow;
  steps: readonly StepRow[];
  commands: readonly CommandRow[];
  changes: readonly PackageChange[];
  verifications: readonly Verification[];
  snapshots: readonly SnapshotRow[];
}

/** A transaction for scripts; times are ISO 8601 in UTC (docs/scripting.md). */
export function transactionJson(row: TransactionRow): Record<string, unknown> {
  const { id, jail, verb, state, code, message, hint } = row;
  return {
    id,
    jail,
    verb,
    state,
    error: code === null && message === null ? null : { code, message, hint },
    arguments: row.arguments,
    started: time(row.started),
    ended: time(row.ended),
    settled: row.settled,
    root: row.root,
    dataset: row.dataset,
    snapshot: keptSnapshot(row),
    target: row.target,
    undoneBy: row.undoneBy,
    ran: row.ran,
    aside: keptAside(row),
    confirmBy: time(row.confirmBy),
    version: row.version,
  };
}

/** A transaction with everything that is known of it, for scripts. */
export function detailsJson(details: TransactionDetails): Record<string, unknown> {
  return {
    ...transactionJson(details.row),
    plan: details.row.plan,
    steps: details.steps.map((step) => ({
      ...step,
      started: time(step.started),
      finished: time(step.finished),
    })),
    changes: details.changes,
    verifications: details.verifications,
    snapshots: details.snapshots,
    commands: details.commands.map(({ command, changes, status, output, started, finished }) => ({
      command,
      changes,
      status,
      output,
      started: time(started),
      finished: time(finished),
    })),
  };
}

function time(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
