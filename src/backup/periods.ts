import {
  formatISO,
  getISOWeek,
  getISOWeekYear,
  getYear,
  subDays,
  subHours,
  subMonths,
  subWeeks,
  subYears,
} from 'date-fns';
import type { Counted, Span } from './retention-grammar.ts';

/** A kind of period of the calendar. */
export type Period = Exclude<Counted, 'last'>;

/**
 * The name of the period in which a time lies (milliseconds since the epoch), in the time zone of the process; the
 * same for two times exactly when they lie in the same period: "2026-11-25T14+01:00" (or "…T14Z"), "2026-11-25", "2026-W48",
 * "2026-11", "2026". Weeks are those of ISO 8601. An hour has its offset from UTC in its name: the one that occurs
 * twice when clocks are set back is two hours.
 */
export const periodOf: Readonly<Record<Period, (time: number) => string>> = {
  hourly: (time) => withoutMinutes(formatISO(time)),
  daily: (time) => formatISO(time, { representation: 'date' }),
  weekly: (time) => `${getISOWeekYear(time)}-W${String(getISOWeek(time)).padStart(2, '0')}`,
  monthly: (time) => formatISO(time, { representation: 'date' }).slice(0, -'-dd'.length),
  yearly: (time) => `${getYear(time)}`,
};

const back = { h: subHours, d: subDays, w: subWeeks, m: subMonths, y: subYears };

/**
 * When a span up to `now` began; both in milliseconds since the epoch. Hours are hours that passed; everything longer
 * goes by the calendar, to the same time of day, and from a day that the month has not to the month's last.
 */
export function beginOf(span: Span, now: number): number {
  return back[span.unit](now, span.count).getTime();
}

/** "2026-11-25T14:07:09+01:00" without what is less than an hour. */
function withoutMinutes(time: string): string {
  return time.replace(/:\d\d:\d\d/, '');
}
