/** What a transaction does to its jail. */
export const verbs = [
  'install',
  'upgrade',
  'remove',
  'autoremove',
  'run',
  'restore',
  'verify',
  'rollback',
  'drop',
] as const;
export type Verb = (typeof verbs)[number];

/** How a transaction can end; until then it is `open`. */
export const endStates = ['committed', 'rolled-back', 'unchanged', 'refused', 'stuck'] as const;
export type EndState = (typeof endStates)[number];
export type TransactionState = 'open' | EndState;

/** The steps of a transaction, in the order in which they are entered. */
export const stepNames = [
  'rehearse',
  'stop',
  'snapshot',
  'prepare',
  'fetch',
  'plan',
  'apply',
  'compare',
  'verify',
  'clean',
  'revert',
  'settle',
] as const;
export type Step = (typeof stepNames)[number];

/** One dataset of the jail's tree, as it was when the transaction began. */
export interface Member {
  name: string;
  mountpoint: string;
  mounted: boolean;
  /** False for one that is snapshotted and never reverted. */
  reverted: boolean;
}

/** What is recorded before anything is changed. Times are milliseconds since the epoch everywhere. */
export interface NewTransaction {
  id: string;
  jail: string;
  root: string;
  dataset: string;
  verb: Verb;
  arguments: string[];
  pid: number;
  started: number;
  version: string;
  /** The jail ran, and must be started again. */
  restart: boolean;
  /** The transaction that a rollback undoes. */
  target?: string;
  /** Name of the snapshot after the `@`. */
  snapshot?: string;
  /** The jail ran when the transaction began. */
  ran?: boolean;
  /** What a rollback sets aside, and what it brings back: see {@link TransactionRow}. */
  aside?: string;
  source?: string;
  datasets: readonly Member[];
  /** Digest of the package list. */
  before: string | null;
}

/** Why a transaction did not commit. */
export interface Reason {
  code: string | null;
  message: string | null;
  hint: string | null;
}

/** A transaction as the journal knows it. */
export interface TransactionRow extends Reason {
  id: string;
  jail: string;
  root: string;
  dataset: string;
  verb: Verb;
  arguments: string[];
  pid: number;
  version: string;
  state: TransactionState;
  started: number;
  ended: number | null;
  /** Nothing is left to do: hold dropped, jail started again. */
  settled: boolean;
  settledAt: number | null;
  restart: boolean;
  /** The jails that were stopped with it, as they depend on it, and have to be started again, in this order. */
  dependents: string[];
  target: string | null;
  snapshot: string | null;
  datasets: Member[];
  before: string | null;
  /** What pkg said it would do. */
  plan: string | null;
  /** The rollback that undid it. */
  undoneBy: string | null;
  /** The jail ran when the transaction began. */
  ran: boolean;
  /** The dataset under whose name the tree that was left is set aside; null where it is reverted in place. */
  aside: string | null;
  /** The dataset that was set aside earlier and comes back: whole, or cloned from the snapshot. */
  source: string | null;
  /** Committed on trial: without a confirmation it is rolled back at this time. */
  confirmBy: number | null;
  /** When jtx itself destroyed the snapshot, or began to; null where it has not, whatever others have done. */
  snapshotGone: number | null;
  /** The same of what was set aside; and when that was brought back, so that it bears the name no more. */
  asideGone: number | null;
}

/** What jtx itself let go, each told by its transaction. */
export interface Gone {
  snapshots: readonly string[];
  /** What was set aside. */
  asides: readonly string[];
}

/** One step; `finished` is null while it is under way or where a crash cut it off. */
export interface StepRow {
  name: Step;
  started: number;
  finished: number | null;
  /** What a person should know of it; of the last step else the state in which the transaction ended. */
  outcome: string | null;
}

/** One outside command; `finished` is null while it is under way or where a crash cut it off. */
export interface CommandRow {
  id: number;
  command: string[];
  /** It changes something, and was recorded before it started. */
  changes: boolean;
  pid: number | null;
  /** When the process was seen to have started. */
  pidStarted: number | null;
  started: number;
  finished: number | null;
  status: number | null;
  output: string | null;
}

/** One snapshot that a transaction made, or goes back to. */
export interface SnapshotRow {
  dataset: string;
  /** dataset@snapshot */
  name: string;
  guid: string;
}
