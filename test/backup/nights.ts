import { ulid } from 'ulid';
import { type Decision, decide, type Point } from '../../src/backup/retention.ts';
import type { Retention } from '../../src/backup/retention-grammar.ts';

/** A moment at which something may be made and then all is pruned. */
export interface Night {
  /** What the clock says, in milliseconds since the epoch. */
  now: number;
  made: Point[];
  /** Why a point must stay from this night on. */
  pin?: (point: Point) => string | undefined;
}

/** What was decided in one night; what it dropped is not there in the next. */
export interface Pruned {
  night: Night;
  decisions: Decision[];
}

/** Prunes after each night, as the host does. */
export function* nightAfterNight(nights: Iterable<Night>, retention: Retention): Generator<Pruned> {
  let points: Point[] = [];
  for (const night of nights) {
    const pin = night.pin ?? ((point: Point) => point.pinned);
    const there = [...points, ...night.made].map((point) => ({ ...point, pinned: pin(point) }));
    const decisions = decide(there, retention, night.now);
    points = decisions.filter(({ standing }) => standing !== 'goes').map(({ point }) => point);
    yield { night, decisions };
  }
}

/** A backup made at this time, and for a transaction its own snapshot. */
export function madeAt(time: number, transaction?: string): Point {
  const name = transaction === undefined ? 'backup' : 'jtx';
  return { id: `${name}-${new Date(time).toISOString()}`, time, transaction, pinned: undefined };
}

/** The ULID of a transaction begun at this time, always the same. */
export function transactionAt(time: number): string {
  return ulid(time, () => 0);
}

/** A time of day on each day from the first to the last, both "yyyy-MM-dd", in the zone of the process. */
export function* eachDay(first: string, last: string, hours: number, minutes: number): Generator<number> {
  const [year = 0, month = 0, day = 0] = first.split('-').map(Number);
  const [lastYear = 0, lastMonth = 0, lastDay = 0] = last.split('-').map(Number);
  const end = new Date(lastYear, lastMonth - 1, lastDay, hours, minutes).getTime();
  for (let passed = 0; ; passed += 1) {
    const time = new Date(year, month - 1, day + passed, hours, minutes).getTime();
    if (time > end) return;
    yield time;
  }
}

/** Numbers from 0 up to 1, always the same for one seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
