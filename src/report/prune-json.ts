import type { PrunedSeries, PruneEnding } from '../backup/pruned.ts';

/** How a prune ended, for scripts. */
export function pruneJson({ planOnly, series, pools, failures, notes }: PruneEnding) {
  return {
    prune: {
      plan: planOnly,
      series: series.map(seriesJson),
      pools: pools.map((pool) => ({ ...pool, reached: pool.free >= pool.floor })),
      failures: failures.map(({ jail, target, error: { code, message, hint } }) => ({
        jail,
        target,
        error: { code, message, hint: hint ?? null },
      })),
      notes,
    },
  };
}

function seriesJson({ points, ...series }: PrunedSeries) {
  return {
    ...series,
    points: points.map(({ id, time, goes, reasons, expendable, snapshots }) => ({
      id,
      at: new Date(time).toISOString(),
      goes,
      reasons,
      expendable,
      snapshots,
    })),
  };
}
