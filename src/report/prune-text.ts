import type { PrunedPool, PrunedSeries, PruneEnding, PruneFailure } from '../backup/pruned.ts';
import { size } from './size.ts';
import { absoluteTime } from './time.ts';

/** What `jtx prune` prints: a line for each place with what went, what could not be done, and in one line how it went. */
export function pruneLines({ series, pools, failures, signal }: PruneEnding): string[] {
  const places = [...new Set(series.map(({ target }) => target))];
  const lines = places.map((place) =>
    placeLine(
      place,
      series.filter(({ target }) => target === place),
    ),
  );
  return [
    ...lines,
    ...pools.flatMap(poolLines),
    ...failures.flatMap(failureLines),
    ...(signal === null ? [] : ['Interrupted: jtx prune goes on with the rest.']),
    lastLine(series, failures),
  ];
}

/** What `jtx prune --plan` prints: of each series what goes, and why each of the others stays. */
export function prunePlanLines({ series, pools, failures, notes }: PruneEnding): string[] {
  const told = series.filter(
    ({ points, foreign, besides }) => points.length + foreign.length + besides.length,
  );
  return [
    ...told.flatMap((one) => [...seriesLines(one), '']),
    ...pools.flatMap(plannedPoolLines),
    ...notes,
    ...failures.flatMap(failureLines),
    'Nothing was changed.',
  ];
}

function placeLine(target: string | null, series: readonly PrunedSeries[]): string {
  const besides = series.flatMap((one) => one.besides).length;
  const more = besides === 0 ? '' : `; ${besides} left over`;
  return `  ${target ?? 'here'}: ${counted(series) || 'nothing to prune'}${more}`;
}

function lastLine(series: readonly PrunedSeries[], failures: readonly PruneFailure[]): string {
  const failed = failures.length === 0 ? [] : [`${failures.length} FAILED`];
  const words = [counted(series), ...failed].filter((word) => word !== '');
  return words.length === 0 ? 'Nothing was destroyed.' : `Pruned: ${words.join(', ')}.`;
}

function counted(series: readonly PrunedSeries[]): string {
  const counts = (['transactions', 'backups'] as const).flatMap((kind) => {
    const points = series.filter((one) => one.kind === kind).flatMap((one) => one.points);
    const gone = points.filter(({ goes }) => goes).length;
    return points.length === 0 ? [] : [`${gone} of ${points.length} ${kind}`];
  });
  return counts.join(', ');
}

function poolLines({ pool, free, floor, expended }: PrunedPool): string[] {
  const went = expended.length === 0 ? '' : ` after ${expended.length} more snapshots went`;
  if (free >= floor) return expended.length === 0 ? [] : [`${pool}: ${size(free)} are free${went}`];
  return [
    `${pool}: TOO LITTLE ROOM: ${size(free)} are free${went}, ${size(floor)} are wanted, and nothing more may go`,
  ];
}

function failureLines({ jail, target, error: { message, hint } }: PruneFailure): string[] {
  const where = [jail, target ?? 'here'].filter((word) => word !== null).join(' ');
  return [
    `${where} FAILED: ${message}`,
    ...(hint === undefined ? [] : hint.split('\n').map((line) => `  ${line}`)),
  ];
}

function seriesLines({ jail, target, kind, points, besides, foreign }: PrunedSeries): string[] {
  const going = points.filter(({ goes }) => goes).length;
  return [
    `${jail} ${target === null ? 'here' : `on ${target}`}, ${kind}: ${going} of ${points.length} go`,
    ...points.map(
      ({ id, time, goes, reasons }) =>
        `  ${absoluteTime(time)}  ${id}  ${goes ? 'goes' : `stays: ${reasons.join(', ')}`}`,
    ),
    ...besides.map((name) => `  goes with them: ${name}`),
    ...foreign.map((name) => `  stays, as jtx did not make it here: ${name}`),
  ];
}

function plannedPoolLines({ pool, free, floor, expended }: PrunedPool): string[] {
  const line = `${pool}: ${size(free)} are free, ${size(floor)} are wanted`;
  if (free >= floor) return [line];
  return [
    `${line}; these go too, until there is enough${expended.length === 0 ? ': none may' : ''}`,
    ...expended.map((name) => `  ${name}`),
  ];
}
