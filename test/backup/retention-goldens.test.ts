import { readdirSync } from 'node:fs';
import { format } from 'date-fns';
import { expect, test } from 'vitest';
import type { Point } from '../../src/backup/retention.ts';
import { parseRetention } from '../../src/backup/retention-grammar.ts';
import { expectGolden, goldens, printNight } from './golden.ts';
import { inZone } from './in-zone.ts';
import { eachDay, madeAt, type Night, nightAfterNight, randomFrom, transactionAt } from './nights.ts';

/** What is simulated for a golden file. */
interface Simulation {
  zone: string;
  /** What happens, in a few words. */
  story: string;
  retention: string;
  /** In the zone of the process. */
  nights: () => Night[];
  /** The nights that are printed, by what `local` says of them at its start; and the last. */
  printed: string[];
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

function nightly(times: Iterable<number>): Night[] {
  return [...times].map((now) => ({ now, made: [madeAt(now)] }));
}

/** Two years of nights of which about one in ten is missed: the machine was off, and nothing was pruned either. */
function twoYears(hours: number, seed: number): Night[] {
  const random = randomFrom(seed);
  return nightly(eachDay('2025-01-01', '2026-12-31', hours, 30)).filter(() => random() >= 0.1);
}

function* every(milliseconds: number, first: string, last: string): Generator<number> {
  for (let time = Date.parse(first); time <= Date.parse(last); time += milliseconds) yield time;
}

const ends = ['2025-03-31', '2025-06-30', '2025-12-31', '2026-01-01', '2026-06-30'];

const simulations: Record<string, Simulation> = {
  'two-years-berlin.txt': {
    zone: 'Europe/Berlin',
    story: 'Two years of nights at half past two (no time on one night in March), about one in ten missed.',
    retention: 'last 3, daily 7, weekly 5, monthly 12, yearly 3, within 48h',
    nights: () => twoYears(2, 1),
    printed: [...ends, '2025-03-30', '2025-10-27', '2026-03-30', '2026-10-26'],
  },
  'two-years-new-york.txt': {
    zone: 'America/New_York',
    story:
      'Two years of nights at half past one (a time twice on one night in November), about one in ten missed.',
    retention: 'last 3, daily 7, weekly 5, monthly 12, yearly 3, within 48h',
    nights: () => twoYears(1, 2),
    printed: [...ends, '2025-03-10', '2025-11-03', '2026-03-09', '2026-11-02'],
  },
  'hourly-berlin.txt': {
    zone: 'Europe/Berlin',
    story: 'Every 30 minutes over the day of 25 hours: the hour from two to three is two hours.',
    retention: 'hourly 8, daily 3',
    nights: () => nightly(every(hour / 2, '2026-10-23T00:00:00+02:00', '2026-10-26T12:00:00+01:00')),
    printed: ['2026-10-25 02:30', '2026-10-25 08:00', '2026-10-26 00:30'],
  },
  'hourly-new-york.txt': {
    zone: 'America/New_York',
    story: 'Every 30 minutes over the day of 23 hours: there is no hour from two to three.',
    retention: 'hourly 8, daily 3',
    nights: () => nightly(every(hour / 2, '2026-03-06T00:00:00-05:00', '2026-03-09T12:00:00-04:00')),
    printed: ['2026-03-08 03:00', '2026-03-08 08:00'],
  },
  'several-a-day.txt': {
    zone: 'Europe/Berlin',
    story: 'Three to nine backups a day at any time, for two months.',
    retention: 'last 2, daily 5, weekly 3, within 1d',
    nights: () => {
      const random = randomFrom(3);
      const times = [...eachDay('2026-03-01', '2026-04-30', 0, 0)].flatMap((midnight) =>
        Array.from(
          { length: 3 + Math.floor(random() * 7) },
          () => midnight + Math.floor(random() * 23 * 60) * minute,
        ),
      );
      return nightly(times.toSorted((one, other) => one - other));
    },
    printed: ['2026-03-29', '2026-03-30'],
  },
  'clock-set-back.txt': {
    zone: 'Europe/Berlin',
    story: 'For three nights the clock runs forty days ahead; then it is set right.',
    retention: 'last 3, daily 5, weekly 4',
    nights: () => {
      const nights = nightly(eachDay('2026-05-01', '2026-06-30', 3, 0));
      return nights.map((night, place) => {
        const now = place >= 20 && place < 23 ? night.now + 40 * day + 7 * minute : night.now;
        return { now, made: [madeAt(now)] };
      });
    },
    printed: ['2026-05-20', '2026-06-30', '2026-07-02', '2026-05-24', '2026-06-15', '2026-06-29'],
  },
  'leap-day.txt': {
    zone: 'America/New_York',
    story: 'Every night over the leap day of 2028, to the day that is its anniversary.',
    retention: 'daily 3, monthly 4, yearly 3, within 1w',
    nights: () => nightly(eachDay('2027-10-01', '2029-03-01', 3, 0)),
    printed: ['2028-02-29', '2028-03-01', '2028-03-31', '2029-02-28'],
  },
  'week-53.txt': {
    zone: 'Europe/Berlin',
    story: 'Every night over the end of 2026, whose last week is the 53rd and ends on 3 January.',
    retention: 'daily 2, weekly 4, yearly 2',
    nights: () => nightly(eachDay('2026-11-25', '2027-01-20', 3, 0)),
    printed: ['2026-12-28', '2026-12-31', '2027-01-01', '2027-01-03', '2027-01-04', '2027-01-11'],
  },
  'transactions-and-pins.txt': {
    zone: 'Europe/Berlin',
    story:
      'Each Sunday a target comes that holds on to its newest backup; each tenth day there is a transaction.',
    retention: 'daily 4, transactions 2w',
    nights: transactionsAndPins,
    printed: ['2026-05-09', '2026-05-10', '2026-05-17', '2026-05-20 15', '2026-06-21'],
  },
};

function transactionsAndPins(): Night[] {
  let base: string | undefined;
  return nightly(eachDay('2026-05-01', '2026-06-30', 3, 0)).flatMap((night, place) => {
    const [backup] = night.made;
    if (backup !== undefined && format(night.now, 'EEE') === 'Sun') base = backup.id;
    const held = base;
    const pin = ({ id }: Point) => (id === held ? 'base of target disk2' : undefined);
    const backed = { ...night, pin };
    if (place % 10 !== 9) return [backed];
    const now = night.now + 12 * hour;
    // The backup of this night is the newest before the transaction.
    const transaction = transactionAt(now);
    const before = night.made.map((point) => ({ ...point, transaction }));
    return [
      { ...backed, made: before },
      { now, made: [madeAt(now, transaction)], pin },
    ];
  });
}

test.each(Object.entries(simulations))('%s', (name, { zone, story, retention, nights, printed }) => {
  inZone(zone);
  const all = nights();
  const sections = [story, zone, retention, ''];
  let missing = printed;
  for (const pruned of nightAfterNight(all, parseRetention(retention))) {
    const when = format(pruned.night.now, 'yyyy-MM-dd HH:mm');
    const wanted = missing.filter((start) => when.startsWith(start));
    missing = missing.filter((start) => !wanted.includes(start));
    if (wanted.length > 0 || pruned.night === all.at(-1)) sections.push(printNight(pruned));
  }
  expect(missing.length).toBe(0);
  expectGolden(name, sections.join('\n'));
});

test('each golden file is one of a simulation', () => {
  expect(readdirSync(goldens).toSorted()).toEqual(Object.keys(simulations).toSorted());
});
