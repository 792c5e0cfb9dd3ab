import { isValid, parse, parseISO, sub } from 'date-fns';

const ago = /^(\d{1,4})\s*(minute|min|hour|day|week|month|year)s?\s+ago$/i;
const units = new Map([
  ['minute', 'minutes'],
  ['min', 'minutes'],
  ['hour', 'hours'],
  ['day', 'days'],
  ['week', 'weeks'],
  ['month', 'months'],
  ['year', 'years'],
]);
const forms = ['yyyy-MM-dd HH:mm:ss', 'yyyy-MM-dd HH:mm', 'yyyy-MM-dd'];

/**
 * A time as a person writes it: "2 days ago", "yesterday", "2026-05-01 18:00" (local), or ISO 8601. Milliseconds
 * since the epoch; undefined for anything else. `now` likewise.
 */
export function parseMoment(text: string, now: number): number | undefined {
  const words = text.trim();
  if (/^yesterday$/i.test(words)) return sub(now, { days: 1 }).getTime();
  const [, count, unit] = ago.exec(words) ?? [];
  const field = units.get((unit ?? '').toLowerCase());
  if (count !== undefined && field !== undefined) return sub(now, { [field]: Number(count) }).getTime();
  for (const form of forms) {
    const read = parse(words, form, now);
    if (isValid(read)) return read.getTime();
  }
  const read = parseISO(words);
  return /^\d{4}-\d\d-\d\dT/.test(words) && isValid(read) ? read.getTime() : undefined;
}
