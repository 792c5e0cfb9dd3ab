import type {
  EndState,
  NewTransaction,
  PackageChange,
  Reason,
  SnapshotRow,
  VerificationRow,
} from './rows.ts';
import type { Statements } from './statements.ts';

const insert = `INTO transactions
  (id, jail, root, dataset, verb, arguments, pid, version, state, started, settled, settled_at, restart,
   target, snapshot, datasets, before, ran, aside, source)
  VALUES (:id, :jail, :root, :dataset, :verb, :arguments, :pid, :version, :state, :started, :settled, :settledAt,
   :restart, :target, :snapshot, :datasets, :before, :ran, :aside, :source)`;

/** Adds an open transaction. */
export function insertTransaction(statements: Statements, row: NewTransaction): void {
  statements.write(`INSERT ${insert}`, {
    ...columnsOf(row),
    state: 'open',
    settled: 0,
    settledAt: null,
  });
}

/** Adds a transaction that was read back from its snapshots, unless the journal knows it; gives whether it did not. */
export function restoreTransaction(
  statements: Statements,
  row: NewTransaction & { state: 'open' | EndState; settled: boolean },
): boolean {
  const { changed } = statements.write(`INSERT OR IGNORE ${insert}`, {
    ...columnsOf(row),
    state: row.state,
    settled: row.settled ? 1 : 0,
    settledAt: row.settled ? row.started : null,
  });
  return changed > 0;
}

function columnsOf(row: NewTransaction) {
  return {
    id: row.id,
    jail: row.jail,
    root: row.root,
    dataset: row.dataset,
    verb: row.verb,
    arguments: JSON.stringify(row.arguments),
    pid: row.pid,
    version: row.version,
    started: row.started,
    restart: row.restart ? 1 : 0,
    target: row.target ?? null,
    snapshot: row.snapshot ?? null,
    datasets: JSON.stringify(
      row.datasets.map(({ name, mountpoint, mounted, reverted }) => ({
        name,
        mountpoint,
        mounted,
        reverted,
      })),
    ),
    before: row.before,
    ran: row.ran === true ? 1 : 0,
    aside: row.aside ?? null,
    source: row.source ?? null,
  };
}

/** Records an outcome. Throws where there is no such transaction: an outcome nobody holds must not be claimed. */
export function updateEnd(
  statements: Statements,
  id: string,
  state: EndState,
  { code, message, hint }: Reason,
  ended: number,
): void {
  const { changed } = statements.write(
    `UPDATE transactions SET state = :state, code = :code, message = :message, hint = :hint, ended = :ended
     WHERE id = :id`,
    { id, state, code, message, hint, ended },
  );
  if (changed === 0) throw new Error(`the journal has no transaction ${id}`);
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
    { tx, name, origin: origin ?? null, from, to },
  );
}

/** Adds one check and what it found. */
export function insertVerification(statements: Statements, tx: string, check: VerificationRow): void {
  const { tier, subject, expected, passed, output } = check;
  statements.write(
    `INSERT INTO verifications (tx, tier, subject, expected, passed, output)
     VALUES (:tx, :tier, :subject, :expected, :passed, :output)`,
    { tx, tier, subject, expected, passed: passed ? 1 : 0, output },
  );
}
