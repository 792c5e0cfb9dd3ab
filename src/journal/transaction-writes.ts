import type { EndState, Gone, NewTransaction, Reason } from './rows.ts';
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

/** Notes a value of a transaction that has none from the beginning. */
export function updateText(
  statements: Statements,
  id: string,
  column: 'before' | 'plan' | 'aside',
  value: string | null,
): void {
  statements.write(`UPDATE transactions SET ${column} = :value WHERE id = :id`, { id, value });
}

/** By which rollback a transaction is undone; null puts it in effect again. Either is the end of its trial. */
export function updateUndone(statements: Statements, id: string, by: string | null): void {
  statements.write('UPDATE transactions SET undone_by = :by, confirm_by = NULL WHERE id = :id', { id, by });
}

/** Notes when jtx let something go; null takes that back. Of a transaction that is not known there is nothing to note. */
export function updateGone(statements: Statements, { snapshots, asides }: Gone, at: number | null): void {
  for (const id of snapshots)
    statements.write('UPDATE transactions SET snapshot_gone = :at WHERE id = :id', { id, at });
  for (const id of asides)
    statements.write('UPDATE transactions SET aside_gone = :at WHERE id = :id', { id, at });
}

/** Until when a transaction waits for a confirmation; null ends its trial. */
export function updateTrial(statements: Statements, id: string, until: number | null): void {
  statements.write('UPDATE transactions SET confirm_by = :until WHERE id = :id', { id, until });
}

/** Records that a transaction's jail has not to be started again any more. */
export function updateRestarted(statements: Statements, id: string): void {
  statements.write('UPDATE transactions SET restart = 0 WHERE id = :id', { id });
}

/** Which jails that depend on a transaction's have to be started again. */
export function updateDependents(statements: Statements, id: string, names: readonly string[]): void {
  const dependents = JSON.stringify(names);
  statements.write('UPDATE transactions SET dependents = :dependents WHERE id = :id', { id, dependents });
}

/** Records that nothing is left to do for a transaction. */
export function updateSettled(statements: Statements, id: string, at: number): void {
  statements.write('UPDATE transactions SET settled = 1, settled_at = :at WHERE id = :id', { id, at });
}
