import type { JtxError } from '../error.ts';
import type { Verdict } from './verdict.ts';

/** What became, or would become, of one jail's snapshots on its host, or of its backups on a target. */
export interface PrunedSeries {
  jail: string;
  /** null: on the host itself. */
  target: string | null;
  kind: 'transactions' | 'backups';
  /** Newest first. What was to go and could not be destroyed stays, with the reason. */
  points: Verdict[];
  /** What goes besides: states of children that no backup refers to, and copies that are empty then. */
  besides: string[];
  /** What jtx did not make, and what another host did: it stays. */
  foreign: string[];
}

/** What a pool had to give for its floor of free space. Bytes. */
export interface PrunedPool {
  pool: string;
  free: number;
  floor: number;
  /** What went for it, or would go while there is too little: first that which goes first. */
  expended: string[];
}

/** What could not be looked at or carried out. */
export interface PruneFailure {
  /** null: all of them. */
  jail: string | null;
  target: string | null;
  error: JtxError;
}

/** How a prune ended. */
export interface PruneEnding {
  planOnly: boolean;
  series: PrunedSeries[];
  pools: PrunedPool[];
  failures: PruneFailure[];
  notes: string[];
  /** The number of the signal that ended it. */
  signal: number | null;
}

/** The verdicts after an attempt: what had to stay does, for the reason given by snapshot or by id. */
export function withRefusals(
  verdicts: readonly Verdict[],
  whyOf: (verdict: Verdict) => string | undefined,
): Verdict[] {
  return verdicts.map((verdict) => {
    const why = verdict.goes ? whyOf(verdict) : undefined;
    return why === undefined ? verdict : { ...verdict, goes: false, reasons: [why] };
  });
}
