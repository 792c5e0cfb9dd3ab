/** What recovery does with a transaction that a crash left. */
export type Recovery =
  /** Nothing in the jail was changed: say so. */
  | 'close'
  /** A jail that went on running was not changed yet: only what jtx put into its root is taken away. */
  | 'tidy'
  /** Put the jail back to the transaction's snapshot. */
  | 'revert'
  /** A rollback had begun: it can only be finished. */
  | 'finish-rollback'
  /** What was set aside is being destroyed: that can only be finished. */
  | 'finish-drop'
  /** The outcome is durable: only the hold, the mark and the jail's running state are left. */
  | 'settle'
  /** What is needed to put it right is gone. */
  | 'stuck';

/** What the journal and the pool say about an unsettled transaction. */
export interface Remains {
  verb: string;
  state: string;
  /** The last step that was entered, if any. */
  step: string | undefined;
  /** How many of the transaction's own snapshots exist: for a rollback, of the snapshots it goes back to. */
  snapshots: 'all' | 'some' | 'none';
  /** What is left is being set aside: the snapshots are on their way from one name to another. */
  exchanging: boolean;
  /** The jail went on running during the change. */
  live: boolean;
}

// `apply` is durable before anything is changed, and so is `revert` before recovery puts back. An attempt that puts back
// itself may lose its `revert`, but has entered `apply` before.
const beforeApplying = new Set<string | undefined>(['snapshot', 'prepare', 'fetch', 'plan']);
const beforeAnyChange = new Set<string | undefined>([undefined, 'rehearse', 'stop', 'snapshot']);

/** Decides, pure: a table of every state in which a crash can leave a transaction (docs/design.md). */
export function planRecovery({ verb, state, step, snapshots, exchanging, live }: Remains): Recovery {
  const ended = state !== 'open' && state !== 'stuck';
  if (ended) return 'settle';
  if (verb === 'drop') return 'finish-drop';
  if (exchanging) return verb === 'rollback' ? 'finish-rollback' : 'revert';
  if (verb === 'rollback') {
    // Also where only recovery was stuck: the person who asked for it has not seen it begin.
    if (step !== 'revert') return 'close';
    return snapshots === 'all' ? 'finish-rollback' : 'stuck';
  }
  if (snapshots === 'all') return live && beforeApplying.has(step) ? 'tidy' : 'revert';
  return beforeAnyChange.has(step) ? 'close' : 'stuck';
}
