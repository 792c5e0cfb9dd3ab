import { decide, type Point } from '../../src/backup/retention.ts';
import { parseRetention } from '../../src/backup/retention-grammar.ts';

/** Noon of a Wednesday in Berlin's winter. */
export const now = Date.parse('2026-11-25T12:00:00+01:00');
/** Milliseconds. */
export const minute = 60_000;
/** Milliseconds. */
export const hour = 60 * minute;

type Mark = Partial<Omit<Point, 'time'>>;

/** A point at a local time of the winter, "11-25 03:00" of 2026. */
export function at(
  when: string,
  { id = when, transaction = undefined, pinned = undefined }: Mark = {},
): Point {
  return { id, time: Date.parse(`2026-${when.replace(' ', 'T')}:00+01:00`), transaction, pinned };
}

/** What keeps each point, by its id. */
export function reasons(points: readonly Point[], retention: string): Record<string, readonly string[]> {
  const decisions = decide(points, parseRetention(retention), now);
  return Object.fromEntries(decisions.map(({ point, reasons }) => [point.id, reasons]));
}
