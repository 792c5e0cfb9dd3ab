import fc from 'fast-check';
import type { Point } from '../../src/backup/retention.ts';
import { parseRetention, type Retention } from '../../src/backup/retention-grammar.ts';
import { zones } from './in-zone.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A time; many lie near a change of a clock, the leap day or a year's end. */
export const someNow = fc
  .tuple(
    fc.constantFrom(
      ...['2010-11-07', '2011-12-31', '2026-03-08', '2026-03-29', '2026-04-05', '2026-10-25', '2026-11-01'],
      ...['2027-01-01', '2027-01-04', '2028-02-29', '2028-03-01', '2026-07-15'],
    ),
    fc.integer({ min: -2 * 24 * 60, max: 2 * 24 * 60 }),
  )
  .map(([date, minutes]) => Date.parse(date) + minutes * minute);

const someAge = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 200 }).map((count) => count * 30 * minute) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 60 }).map((count) => count * day) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1500 }).map((count) => count * day) },
  { weight: 1, arbitrary: fc.integer({ min: -5, max: -1 }).map((count) => count * 7 * hour) },
);

/** A retention with at least one term, as it is written. */
export const someRetention = fc
  .record(
    {
      last: fc.integer({ min: 1, max: 4 }).map(String),
      hourly: fc.integer({ min: 1, max: 6 }).map(String),
      daily: fc.integer({ min: 1, max: 6 }).map(String),
      weekly: fc.integer({ min: 1, max: 5 }).map(String),
      monthly: fc.integer({ min: 1, max: 5 }).map(String),
      yearly: fc.integer({ min: 1, max: 3 }).map(String),
      within: fc.constantFrom('1h', '24h', '1d', '1w', '1m', '1y'),
      transactions: fc.constantFrom('1h', '2d', '1m'),
    },
    { requiredKeys: [] },
  )
  .filter((terms) => Object.keys(terms).length > 0)
  .map((terms) =>
    Object.entries(terms)
      .map((term) => term.join(' '))
      .join(', '),
  );

/** What there may be to decide about. */
export interface Case {
  zone: string;
  now: number;
  retention: Retention;
  points: Point[];
}

/** Points of every age, with and without marks; some are in the future. */
export const someCase: fc.Arbitrary<Case> = fc
  .record({
    zone: fc.constantFrom(...zones),
    now: someNow,
    retention: fc.oneof({ weight: 20, arbitrary: someRetention }, fc.constant('all')).map(parseRetention),
    made: fc.array(
      fc.record({
        age: someAge,
        transaction: fc.option(fc.constantFrom('one', 'two'), { nil: undefined, freq: 2 }),
        pinned: fc.option(fc.constantFrom('held', ''), { nil: undefined, freq: 9 }),
      }),
      { maxLength: 40 },
    ),
  })
  .map(({ made, now, ...rest }) => ({
    ...rest,
    now,
    points: made.map(({ age, ...marks }, place) => ({ ...marks, id: `p${place}`, time: now - age })),
  }));
