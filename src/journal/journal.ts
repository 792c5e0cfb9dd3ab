import type Database from 'better-sqlite3';
import type { PackageChange } from '../pkg/change-set.ts';
import type { Verification } from '../verify/verification.ts';
import { BackupJournal } from './backups.ts';
import * as commands from './command-log.ts';
import * as details from './detail-writes.ts';
import { DurableWrites } from './durable-writes.ts';
import { openIfThere, openReadable, openWritable } from './open.ts';
import { JournalReader } from './reader.ts';
import type { RestoredTransaction } from './rebuild.ts';
import type * as rows from './rows.ts';
import { Statements } from './statements.ts';
import * as writes from './transaction-writes.ts';

/**
 * The journal of all transactions, in SQLite. Each method that writes is durable when it returns (WAL with
 * synchronous=FULL), but for {@link commandRan}; it can throw `journal-unwritable`, `journal-corrupt`.
 */
export class Journal extends JournalReader {
  /** Which jails were backed up, and which backups were proved. */
  readonly backups: BackupJournal;
  private readonly database: Database.Database;
  private readonly durable: DurableWrites;

  private constructor(database: Database.Database) {
    super(new Statements(database));
    this.database = database;
    this.durable = new DurableWrites(database, this.statements);
    this.backups = new BackupJournal(this.statements, this.durable);
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

  /** For one that only looks, and makes none: where there is none yet it is empty, and kept nowhere. Throws as above. */
  static openIfThere(file: string): Journal {
    return new Journal(openIfThere(file));
  }

  close(): void {
    try {
      this.durable.writeWaiting();
    } catch {
      // Commands that only looked: their loss changes nothing, and an outcome must not be hidden by it.
    }
    this.database.close();
  }

  begin(row: rows.NewTransaction): void {
    this.durable.write(() => writes.insertTransaction(this.statements, row));
  }

  /** Ends the step that was under way, and begins the next. */
  enter(id: string, step: rows.Step): void {
    const at = Date.now();
    this.durable.write(() => {
      details.closeStep(this.statements, id, null, at);
      details.insertStep(this.statements, id, step, at);
    });
  }

  /** What a person should know of the step that is under way. */
  remark(id: string, text: string): void {
    this.durable.write(() => details.remarkOnStep(this.statements, id, text));
  }

  /** A command that changes something is about to start; gives its row. */
  commandStarted(id: string, command: readonly string[], at: number): number {
    return this.durable.write(() => commands.insertStarted(this.statements, id, command, at));
  }

  commandPid(row: number, pid: number, startedAt: number): void {
    this.durable.write(() => commands.updatePid(this.statements, row, pid, startedAt));
  }

  commandFinished(row: number, status: number, output: string, at: number): void {
    this.durable.write(() => commands.updateFinished(this.statements, row, status, output, at));
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
    this.durable.later({ tx, command, status, output, started, finished });
  }

  setBefore(id: string, digest: string): void {
    this.durable.write(() => writes.updateText(this.statements, id, 'before', digest));
  }

  recordPlan(id: string, text: string): void {
    this.durable.write(() => writes.updateText(this.statements, id, 'plan', text));
  }

  /** Ends a rollback as committed, together with which transactions it undid, which are in effect again, and what is gone. */
  endRollback(
    id: string,
    at: number,
    changed: readonly { id: string; undone: boolean }[],
    gone: rows.Gone,
  ): void {
    this.durable.write(() => {
      details.closeStep(this.statements, id, 'committed', at);
      writes.updateEnd(this.statements, id, 'committed', { code: null, message: null, hint: null }, at);
      for (const row of changed) writes.updateUndone(this.statements, row.id, row.undone ? id : null);
      writes.updateGone(this.statements, gone, at);
    });
  }

  /** From here on the tree that is left is set aside under this name; null: it is reverted in place. */
  setAside(id: string, aside: string | null): void {
    this.durable.write(() => writes.updateText(this.statements, id, 'aside', aside));
  }

  /** jtx destroys this from here on, or has done so; null: it stayed after all. What the journal does not know is no matter. */
  recordGone(gone: rows.Gone, at: number | null): void {
    this.durable.write(() => writes.updateGone(this.statements, gone, at));
  }

  /** It is committed on trial: without a confirmation it is rolled back at this time. Null ends the trial. */
  onTrial(id: string, until: number | null): void {
    this.durable.write(() => writes.updateTrial(this.statements, id, until));
  }

  recordSnapshots(id: string, snapshots: readonly rows.SnapshotRow[]): void {
    this.durable.write(() => {
      for (const snapshot of snapshots) details.insertSnapshot(this.statements, id, snapshot);
    });
  }

  recordChanges(id: string, changes: readonly PackageChange[]): void {
    this.durable.write(() => {
      for (const change of changes) details.insertChange(this.statements, id, change);
    });
  }

  recordVerification(id: string, verification: Verification): void {
    this.durable.write(() => details.insertVerification(this.statements, id, verification));
  }

  /** The outcome: the moment at which a transaction becomes what it says. */
  end(id: string, state: rows.EndState, ending: rows.Reason, at: number): void {
    this.durable.write(() => {
      details.closeStep(this.statements, id, state, at);
      writes.updateEnd(this.statements, id, state, ending, at);
    });
  }

  /** The jail runs again: that is not left to do any more. */
  restarted(id: string): void {
    this.durable.write(() => writes.updateRestarted(this.statements, id));
  }

  /** The jails that depend on its own, and are down with it: they are to be started again, in this order. */
  setDependents(id: string, names: readonly string[]): void {
    this.durable.write(() => writes.updateDependents(this.statements, id, names));
  }

  /** Nothing is left to do. */
  settle(id: string, at: number): void {
    this.durable.write(() => writes.updateSettled(this.statements, id, at));
  }

  /** Adds transactions that were read back from snapshots; those that are known stay. Gives how many were added. */
  restore(restored: readonly RestoredTransaction[]): number {
    return this.durable.write(() => {
      let added = 0;
      for (const row of restored) {
        if (!writes.restoreTransaction(this.statements, row)) continue;
        for (const snapshot of row.snapshots) details.insertSnapshot(this.statements, row.id, snapshot);
        added += 1;
      }
      return added;
    });
  }

  /** Those that only looked too, for which what waits is written first. */
  override commands(id: string): rows.CommandRow[] {
    this.durable.writeWaiting();
    return super.commands(id);
  }
}
