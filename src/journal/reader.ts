import type { PackageChange } from '../pkg/change-set.ts';
import type { Verification } from '../verify/verification.ts';
import * as details from './detail-queries.ts';
import type * as rows from './rows.ts';
import type { Statements } from './statements.ts';
import * as queries from './transaction-queries.ts';

/** What a journal says of transactions. Each method can throw `journal-corrupt`. */
export class JournalReader {
  protected readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
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
    return details.findCommands(this.statements, id);
  }

  inFlight(id: string): rows.CommandRow[] {
    return details.findInFlight(this.statements, id);
  }

  /** When a transaction is last known to have been at work. */
  lastOf(id: string): number {
    return details.findLast(this.statements, id);
  }

  changes(id: string): PackageChange[] {
    return details.findChanges(this.statements, id);
  }

  verifications(id: string): Verification[] {
    return details.findVerifications(this.statements, id);
  }

  snapshots(id: string): rows.SnapshotRow[] {
    return details.findSnapshots(this.statements, id);
  }
}
