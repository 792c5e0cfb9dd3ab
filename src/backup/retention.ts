import { decodeTime } from 'ulid';
import { isId } from '../zfs/names.ts';
import { beginOf, type Period, periodOf } from './periods.ts';
import { printSpan, type Retention, type Span } from './retention-grammar.ts';

/** A state that can be gone back to: a transaction's snapshot, or a backup. */
export interface Point {
  /** Unique among the points that are decided on together. */
  id: string;
  /** Milliseconds since the epoch. */
  time: number;
  /** The transaction whose own snapshot this is, or before which it is the newest backup. */
  transaction: string | undefined;
  /** Why it must stay, whatever the policy says: "held", "base of target disk2". */
  pinned: string | undefined;
}

/** Whether a point goes, is kept by the policy alone, or is kept whatever the policy says. */
export type Standing = 'goes' | 'policy' | 'always';

/** What is to become of a point. */
export interface Decision {
  point: Point;
  /** Everything that keeps it, in a person's words; empty where it goes. */
  reasons: readonly string[];
  standing: Standing;
}

/** What keeps a point, or undefined; rules are asked about each point that is not in the future, newest first. */
type Rule = (point: Point) => string | undefined;

/**
 * Decides about all points of one series, newest first; of two made at the same time the greater id is the newer.
 * `now`: milliseconds since the epoch. The calendar is that of the process's time zone. Points later than `now` are
 * kept and count for no term: what was made while a clock ran ahead pushes nothing out. Throws a RangeError for a time
 * that is none.
 */
export function decide(points: readonly Point[], retention: Retention, now: number): Decision[] {
  for (const time of [now, ...points.map((point) => point.time)]) {
    if (!Number.isFinite(time)) throw new RangeError(`${time} is no time`);
  }
  const sorted = points.toSorted(newestFirst);
  const newestPast = sorted.find((point) => point.time <= now);
  const rules = rulesOf(retention, now);
  return sorted.map((point, place) => {
    const always = [];
    if (place === 0) always.push('the newest');
    else if (point === newestPast) always.push('the newest that is not in the future');
    if (point.time > now) always.push('in the future');
    if (point.pinned !== undefined) always.push(`pinned: ${point.pinned}`);
    const policy = point.time > now ? [] : rules.flatMap((rule) => rule(point) ?? []);
    return { point, reasons: [...always, ...policy], standing: standingOf(always, policy) };
  });
}

/** The decisions, as `decide` gives them, whose points may go if more room is needed: first those to go first. */
export function expendable(decisions: readonly Decision[]): Decision[] {
  return decisions.filter((decision) => decision.standing === 'policy').toReversed();
}

function newestFirst(one: Point, other: Point): number {
  if (one.time !== other.time) return other.time - one.time;
  if (one.id === other.id) return 0;
  return one.id < other.id ? 1 : -1;
}

function standingOf(always: readonly string[], policy: readonly string[]): Standing {
  if (always.length > 0) return 'always';
  return policy.length > 0 ? 'policy' : 'goes';
}

/** The rules of a retention, in the order of its normal form; they count, so each serves for one decision only. */
function rulesOf(retention: Retention, now: number): Rule[] {
  if (retention === 'all') return [() => 'all'];
  const { counts, spans } = retention;
  const periods: readonly Period[] = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'];
  return [
    ruleFor(counts.get('last'), newest),
    ...periods.map((period) => ruleFor(counts.get(period), (count) => newestOfEach(period, count))),
    ruleFor(spans.get('within'), (span) => within(span, now)),
    ruleFor(spans.get('transactions'), (span) => ofTransactions(span, now)),
  ].flatMap((rule) => rule ?? []);
}

function ruleFor<Amount>(amount: Amount | undefined, make: (amount: Amount) => Rule): Rule | undefined {
  return amount === undefined ? undefined : make(amount);
}

function newest(count: number): Rule {
  let kept = 0;
  return () => {
    if (kept === count) return undefined;
    kept += 1;
    return `last ${kept} of ${count}`;
  };
}

function newestOfEach(period: Period, count: number): Rule {
  // All of them, not only the one before: a clock set back across midnight returns to the day before.
  const seen = new Set<string>();
  return ({ time }) => {
    if (seen.size === count) return undefined;
    const name = periodOf[period](time);
    if (seen.has(name)) return undefined;
    seen.add(name);
    return `${period} ${name}`;
  };
}

function within(span: Span, now: number): Rule {
  const begin = beginOf(span, now);
  return ({ time }) => (time >= begin ? `within ${printSpan(span)}` : undefined);
}

function ofTransactions(span: Span, now: number): Rule {
  const begin = beginOf(span, now);
  return ({ time, transaction }) => {
    if (transaction === undefined || Math.max(time, timeOf(transaction) ?? time) < begin) return undefined;
    return `transaction ${transaction}`;
  };
}

/** When a transaction began, by its ULID: the newest backup before it may be much older than the transaction itself. */
function timeOf(transaction: string): number | undefined {
  return isId(transaction) ? decodeTime(transaction) : undefined;
}
