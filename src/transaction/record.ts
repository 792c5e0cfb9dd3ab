import { type Lock, lockRoot } from '../host/lock.ts';
import { type Run, runCommand } from '../host/run.ts';
import type { Journal } from '../journal/journal.ts';

/**
 * One transaction's hand on the journal. Every outside command of the transaction runs through it: one that
 * changes something is durable in the journal before it starts, so that recovery knows what may be under way.
 */
export class TransactionRecord {
  readonly id: string;
  private readonly journal: Journal;
  private forgiving = false;
  private failure: unknown;
  private down: readonly string[] | undefined;
  private readonly locks = new Map<string, Lock>();

  constructor(journal: Journal, id: string) {
    this.journal = journal;
    this.id = id;
  }

  /**
   * Writes to the journal. Throws `journal-unwritable`, `journal-corrupt`; after {@link forgive} the first failure is
   * kept instead, because putting a jail right matters more than saying so.
   */
  write<T>(action: (journal: Journal) => T): T | undefined {
    try {
      return action(this.journal);
    } catch (error) {
      if (!this.forgiving) throw error;
      this.failure ??= error;
      return undefined;
    }
  }

  /** The jails that are down with its own, and to be started again, in this order. */
  get dependents(): readonly string[] {
    this.down ??= this.write((journal) => journal.transaction(this.id)?.dependents);
    return this.down ?? [];
  }

  set dependents(names: readonly string[]) {
    this.down = names;
    this.write((journal) => journal.setDependents(this.id, names));
  }

  /** Locks the root of another jail, until {@link release}; once is enough. Throws as {@link lockRoot}. */
  lock(directory: string, { name, root }: { name: string; root: string }): void {
    if (!this.locks.has(root)) this.locks.set(root, lockRoot(directory, root, name));
  }

  /** Lets go of the other jails. */
  release(): void {
    for (const lock of this.locks.values()) lock.release();
    this.locks.clear();
  }

  /** From here on the jail is put right, whatever becomes of the journal. */
  forgive(): void {
    this.forgiving = true;
  }

  /** The first failure of the journal since {@link forgive}. */
  get lost(): unknown {
    return this.failure;
  }

  /** Runs an outside command and records it. */
  readonly run: Run = async (command, options = {}) => {
    const started = Date.now();
    if (options.changes !== true) {
      const finished = await runCommand(command, options);
      const output = finished.stdout + finished.stderr;
      this.write((journal) =>
        journal.commandRan(this.id, command, finished.status, output, started, Date.now()),
      );
      return finished;
    }
    const row = this.write((journal) => journal.commandStarted(this.id, command, started));
    let unwritten: unknown;
    const finished = await runCommand(command, {
      ...options,
      onStart: (begun) => {
        options.onStart?.(begun);
        if (options.lasting !== true || row === undefined) return;
        try {
          this.write((journal) => journal.commandPid(row, begun.pid, Date.now()));
        } catch (error) {
          unwritten = error;
        }
      },
    });
    if (unwritten !== undefined) throw unwritten;
    if (row !== undefined) {
      const output = finished.stdout + finished.stderr;
      this.write((journal) => journal.commandFinished(row, finished.status, output, Date.now()));
    }
    return finished;
  };
}
