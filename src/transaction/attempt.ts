import type { InstalledPackage } from '../pkg/database.ts';
import { digest } from '../pkg/database.ts';
import type { Plan } from '../pkg/plan.ts';
import type { Verification } from '../verify/verification.ts';
import { version } from '../version.ts';
import { snapshotName } from '../zfs/names.ts';
import type { Context } from './context.ts';
import { nextTransactionId } from './id.ts';
import type { LeftOut } from './left-out.ts';
import { TransactionRecord } from './record.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { ChangeRequest, OnData } from './request.ts';
import type { Subject } from './subject.ts';

/** A transaction that is under way: what is needed to put everything back at any moment. */
export interface Attempt {
  context: Context;
  record: TransactionRecord;
  /** Looked at anew once the jail has been stopped. */
  subject: Subject;
  verb: ChangeRequest['verb'];
  /** Milliseconds since the epoch; the id may be later, where the clock was set back. */
  started: number;
  snapshot: string;
  /** The jail runs, and goes on running during the change. */
  live: boolean;
  /** The jail ran, and has to run again whatever happens. */
  restart: boolean;
  onData: OnData;
  keepFailed: boolean;
  /** The package list before, and its digest. */
  before: readonly InstalledPackage[];
  packages: string;
  /** What jtx has mounted in the root, in that order. */
  mounted: string[];
  /** The clone on which the change is rehearsed, while it exists. */
  rehearsal: Rehearsal | undefined;
  /** That clone has served, and could not be taken away. */
  cloneLeft: boolean;
  /** pkg, or a command, has begun to change the jail or its clone. */
  applying: boolean;
  plan: Plan | undefined;
  verifications: Verification[];
  /** What a person should know besides; of what is left out too. */
  notes: string[];
  leftOut: LeftOut[];
}

/** Records a transaction as open, durably: nothing of the jail may be changed before. Throws `journal-unwritable`. */
export function begin(
  context: Context,
  request: ChangeRequest,
  subject: Subject,
  before: readonly InstalledPackage[],
): Attempt {
  const record = new TransactionRecord(
    context.journal,
    nextTransactionId(context.journal, subject.jail.root),
  );
  const { jail, dataset, datasets } = subject;
  const ran = jail.running !== undefined;
  const attempt: Attempt = {
    context,
    record,
    subject,
    verb: request.verb,
    started: Date.now(),
    snapshot: snapshotName(record.id),
    live: ran && !request.stop,
    restart: ran && !request.planOnly,
    onData: request.onData,
    keepFailed: request.keepFailed,
    before,
    packages: digest(before),
    mounted: [],
    rehearsal: undefined,
    cloneLeft: false,
    applying: false,
    plan: undefined,
    verifications: [],
    notes: [],
    leftOut: [],
  };
  record.write((journal) =>
    journal.begin({
      id: record.id,
      jail: jail.name,
      root: jail.root,
      dataset,
      verb: request.verb,
      arguments: [...request.words],
      pid: process.pid,
      started: attempt.started,
      version,
      restart: attempt.restart,
      ran,
      snapshot: attempt.snapshot,
      datasets,
      before: attempt.packages,
    }),
  );
  context.progress.step('started', record.id);
  return attempt;
}
