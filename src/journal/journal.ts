import type Database from 'better-sqlite3';
import { BackupJournal } from './backups.ts';
import * as commands from './command-log.ts';
import * as details from './detail-queries.ts';
import { explained, openReadable, openWritable } from './open.ts';
import type { RestoredTransaction } from './rebuild.ts';
import type * as rows from './rows.ts';
import { Statements } from './statements.ts';
import * as queries from './transaction-queries.ts';
import * as writes from './transaction-writes.ts';

/**
 * The journal of all transactions, in SQLite. Each method that writes is durable when it returns (WAL with
 * synchronous=FULL), but for {@link commandRan}.
 */
export class Journal {
  /** Which jails were backed up, and which backups were proved. */
  readonly backups: BackupJournal;
  private readonly database: Database.Database;
  private readonly statements: Statements;
  private ran: commands.RanCommand[] = [];

  private constructor(database: Database.Database) {
    this.database = database;
    this.statements = new Statements(database);
    this.backups = new BackupJournal(this.statements, (write) => this.durably(write));
  }

  /** For a verb that changes something. Throws `journal-unwritable`, `journal-corrupt`, `journal-newer`. */
  static open(file: string): Journal {
    return new Journal(openWritable(file));
  }

  /** For a verb that only reads; undefined where there is no journal yet. Throws `journal-unreadable` too. */
  static openForReading(file: string): Journal | undefined {
    const database = openReadable(file);
    return database && new Journal(database);
  }

  close(): void {
    try {
      if (this.ran.length > 0) this.durably(() => {});
    } catch {
      // Commands that only looked: their loss changes nothing, and an outcome must not be hidden by it.
    }
    this.database.close();
  }

  /** One write, and what has waited for it: all or nothing. Throws `journal-unwritable`, `journal-corrupt`. */
  private durably<T>(write: () => T): T {
    const waiting = this.ran;
    const both = this.database.transaction(() => {
      for (const command of waiting) commands.insertRan(this.statements, command);
      return write();
    });
    try {
      const result = both.immediate();
      this.ran = [];
      return result;
    } catch (error) {
      throw explained(this.database, this.database.name, error, false);
    }
  }

  begin(row: rows.NewTransaction): void {
    this.durably(() => writes.insertTransaction(this.statements, row));
  }

  /** Ends the step that was under way, and begins the next. */
  enter(id: string, step: rows.Step): void {
    const at = Date.now();
    this.durably(() => {
      writes.closeStep(this.statements, id, null, at);
      const sql = 'INSERT INTO steps (tx, name, started) VALUES (:id, :step, :at)';
      this.statements.write(sql, { id, step, at });
    });
  }

  /** What a person should know of the step that is under way. */
  remark(id: string, text: string): void {
    this.durably(() => writes.remarkOnStep(this.statements, id, text));
  }

  /** A command that changes something is about to start; gives its row. */
  commandStarted(id: string, command: readonly string[], at: number): number {
    return this.durably(() => commands.insertStarted(this.statements, id, command, at));
  }

  commandPid(row: number, pid: number, startedAt: number): void {
    this.durably(() => commands.updatePid(this.statements, row, pid, startedAt));
  }

  commandFinished(row: number, status: number, output: string, at: number): void {
    this.durably(() => commands.updateFinished(this.statements, row, status, output, at));
  }

  /** A command that only looked; written together with the next durable write, or at the end. */
  commandRan(
    tx: string,
    command: readonly string[],
    status: number,
    output: string,
    started: number,
    finished: number,
  ): void {
    this.ran.push({ tx, command, status, output, started, finished });
  }

  setBefore(id: string, digest: string): void {
    this.set(id, 'before', digest);
  }

  recordPlan(id: string, text: string): void {
    this.set(id, 'plan', text);
  }

  /** Ends a rollback as committed, together with which transactions it undid, and which are in effect again. */
  endRollback(id: string, at: number, changed: readonly { id: string; undone: boolean }[]): void {
    this.durably(() => {
      writes.closeStep(this.statements, id, 'committed', at);
      writes.updateEnd(this.statements, id, 'committed', { code: null, message: null, hint: null }, at);
      for (const row of changed) {
        const sql = 'UPDATE transactions SET undone_by = :by WHERE id = :id';
        this.statements.write(sql, { id: row.id, by: row.undone ? id : null });
      }
    });
  }

  /** From here on the tree that is left is set aside under this name; null: it is reverted in place. */
  setAside(id: string, aside: string | null): void {
    this.set(id, 'aside', aside);
  }

  /** It is committed on trial: without a confirmation it is rolled back at this time. Null ends the trial. */
  onTrial(id: string, until: number | null): void {
    const sql = 'UPDATE transactions SET confirm_by = :until WHERE id = :id';
    this.durably(() => this.statements.write(sql, { id, until }));
  }

  private set(id: string, column: 'before' | 'plan' | 'aside', value: string | null): void {
    const sql = `UPDATE transactions SET ${column} = :value WHERE id = :id`;
    this.durably(() => this.statements.write(sql, { id, value }));
  }

  recordSnapshots(id: string, snapshots: readonly rows.SnapshotRow[]): void {
    this.durably(() => {
      for (const snapshot of snapshots) writes.insertSnapshot(this.statements, id, snapshot);
    });
  }

  recordChanges(id: string, changes: readonly rows.PackageChange[]): void {
    this.durably(() => {
      for (const change of changes) writes.insertChange(this.statements, id, change);
    });
  }

  recordVerification(id: string, verification: rows.VerificationRow): void {
    this.durably(() => writes.insertVerification(this.statements, id, verification));
  }

  /** The outcome: the moment at which a transaction becomes what it says. */
  end(id: string, state: rows.EndState, ending: rows.Reason, at: number): void {
    this.durably(() => {
      writes.closeStep(this.statements, id, state, at);
      writes.updateEnd(this.statements, id, state, ending, at);
    });
  }

  /** Nothing is left to do. */
  settle(id: string, at: number): void {
    const sql = 'UPDATE transactions SET settled = 1, settled_at = :at WHERE id = :id';
    this.durably(() => this.statements.write(sql, { id, at }));
  }

  /** Adds transactions that were read back from snapshots; those that are known stay. Gives how many were added. */
  restore(restored: readonly RestoredTransaction[]): number {
    return this.durably(() => {
      let added = 0;
      for (const row of restored) {
        if (!writes.restoreTransaction(this.statements, row)) continue;
        for (const snapshot of row.snapshots) writes.insertSnapshot(this.statements, row.id, snapshot);
        added += 1;
      }
      return added;
    });
  }

  transaction(id: string): rows.TransactionRow | undefined {
    return queries.findTransaction(this.statements, id);
  }

  history(query: queries.HistoryQuery): rows.TransactionRow[] {
    return queries.findHistory(this.statements, query);
  }

  /** Open, stuck, or with something left to do; oldest first. */
  unsettled(): rows.TransactionRow[] {
    return queries.findUnsettled(this.statements);
  }

  unsettledOf(root: string): rows.TransactionRow[] {
    return queries.findUnsettled(this.statements, root);
  }

  /** The whole history of a root, oldest first, as far as it says what is in effect. */
  events(root: string): queries.HistoryEvent[] {
    return queries.findEvents(this.statements, root);
  }

  /** The id of the newest transaction of a root, whatever became of it. */
  newest(root: string): string | undefined {
    return queries.findNewest(this.statements, root);
  }

  /** Committed on trial and neither confirmed nor undone, oldest first; of one root, or of all. */
  trials(root?: string): rows.TransactionRow[] {
    return queries.findTrials(this.statements, root);
  }

  /** The ids of the transactions that changed a jail, oldest first. */
  committed(jail: string): string[] {
    return queries.findCommitted(this.statements, jail);
  }

  /** When transactions from one on changed a root. */
  periods(root: string, from: string): details.Period[] {
    return details.findPeriods(this.statements, root, from);
  }

  /** The newest transaction of each jail, by name of the jail. */
  latest(): rows.TransactionRow[] {
    return queries.findLatest(this.statements);
  }

  /** Of a jail's name, or of its root. */
  newestUndoable(subject: string): rows.TransactionRow | undefined {
    return queries.findUndoable(this.statements, subject);
  }

  steps(id: string): rows.StepRow[] {
    return details.findSteps(this.statements, id);
  }

  commands(id: string): rows.CommandRow[] {
    if (this.ran.length > 0) this.durably(() => {});
    return details.findCommands(this.statements, id);
  }

  inFlight(id: string): rows.CommandRow[] {
    return details.findInFlight(this.statements, id);
  }

  changes(id: string): rows.PackageChange[] {
    return details.findChanges(this.statements, id);
  }

  verifications(id: string): rows.VerificationRow[] {
    return details.findVerifications(this.statements, id);
  }

  snapshots(id: string): rows.SnapshotRow[] {
    return details.findSnapshots(this.statements, id);
  }
}
