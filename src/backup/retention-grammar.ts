import { refused } from '../error.ts';

const counted = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
const spanned = ['within', 'transactions'] as const;
const units = ['h', 'd', 'w', 'm', 'y'] as const;

/** A term that keeps a number of points: the newest ones, or the newest one of each of the newest periods. */
export type Counted = (typeof counted)[number];

/** A term that keeps all points of a length of time. */
export type Spanned = (typeof spanned)[number];

/** A length of time up to now: hours, days, weeks, months or years. */
export interface Span {
  count: number;
  unit: (typeof units)[number];
}

/** Terms of which each keeps something; a point that none of them keeps goes. */
export interface Terms {
  counts: ReadonlyMap<Counted, number>;
  spans: ReadonlyMap<Spanned, Span>;
}

/** What is kept, as it is configured: everything, or what the terms say (docs/retention.md). */
export type Retention = 'all' | Terms;

// No more digits than these: a span must end at a time that a Date can hold, or it would keep nothing.
const amounts = /^[1-9]\d{0,4}$/;
const known =
  `Known: ${[...counted.map((word) => `${word} N`), ...spanned.map((word) => `${word} T`)].join(', ')}, ` +
  'or all alone; N is a number from 1 to 99999, T such a number and one of h, d, w, m (months), y.';

/** Reads a retention such as "last 7, daily 14, within 48h". Throws `retention-invalid`. */
export function parseRetention(text: string): Retention {
  if (text.trim() === 'all') return 'all';
  const counts = new Map<Counted, number>();
  const spans = new Map<Spanned, Span>();
  for (const term of text.split(',').map((part) => part.trim())) {
    const [, word, amount = ''] = /^(\S+)\s+(\S+)$/.exec(term) ?? [];
    const count = counted.find((one) => one === word);
    const span = spanned.find((one) => one === word);
    if (count !== undefined) addOnce(counts, count, parseCount(amount, term), term);
    else if (span !== undefined) addOnce(spans, span, parseSpan(amount, term), term);
    else throw invalid(term, term.split(/\s/).includes('all') ? 'stands alone' : 'is not known');
  }
  return { counts, spans };
}

/** "48h". */
export function printSpan(span: Span): string {
  return `${span.count}${span.unit}`;
}

function addOnce<Word, Amount>(terms: Map<Word, Amount>, word: Word, amount: Amount, term: string): void {
  if (terms.has(word)) throw invalid(term, `is a second "${word}"`);
  terms.set(word, amount);
}

function parseCount(amount: string, term: string): number {
  if (!amounts.test(amount)) throw invalid(term, 'needs a number from 1 to 99999');
  return Number(amount);
}

function parseSpan(amount: string, term: string): Span {
  const unit = units.find((one) => amount.endsWith(one));
  const count = amount.slice(0, -1);
  if (unit === undefined || !amounts.test(count)) {
    throw invalid(term, 'needs a length of time such as 48h or 30d');
  }
  return { count: Number(count), unit };
}

function invalid(term: string, reason: string): Error {
  return refused('retention-invalid', `the retention's term "${term}" ${reason}`, known);
}
