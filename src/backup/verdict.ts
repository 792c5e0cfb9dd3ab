import { decide, type Point } from './retention.ts';
import type { Retention } from './retention-grammar.ts';

/** What becomes of a backup, or of a transaction's snapshots, and why. */
export interface Verdict {
  /** The backup or transaction. */
  id: string;
  /** When it was begun: milliseconds since the epoch. */
  time: number;
  goes: boolean;
  /** Why it stays; empty where it goes. */
  reasons: readonly string[];
  /** It stays for the policy's sake alone: where a pool needs more room it may go. */
  expendable: boolean;
  /** dataset@snapshot, those that must go first before the others. */
  snapshots: readonly string[];
}

/** Decides about a series, newest first. Where nothing is configured everything stays. Pure. */
export function judge(
  points: readonly (Point & { snapshots: readonly string[] })[],
  retention: Retention | undefined,
  now: number,
): Verdict[] {
  const names = new Map(points.map(({ id, snapshots }) => [id, snapshots]));
  return decide(points, retention ?? 'all', now).map(({ point: { id, time }, reasons, standing }) => ({
    id,
    time,
    goes: standing === 'goes',
    reasons:
      retention === undefined
        ? reasons.map((reason) => (reason === 'all' ? 'nothing says what goes' : reason))
        : reasons,
    expendable: retention !== undefined && standing === 'policy',
    snapshots: names.get(id) ?? [],
  }));
}

/** By backup: the newest transaction before which it is the newest backup. Both lists are of ULIDs, oldest first. Pure. */
export function transactionsAfter(
  backups: readonly string[],
  transactions: readonly string[],
): Map<string, string> {
  const after = new Map<string, string>();
  let at = -1;
  for (const transaction of transactions) {
    while (at + 1 < backups.length && (backups[at + 1] ?? '') <= transaction) at += 1;
    const backup = backups[at];
    if (backup !== undefined) after.set(backup, transaction);
  }
  return after;
}
