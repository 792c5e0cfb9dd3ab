import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, expendable, type Point } from '../../src/backup/retention.ts';
import { parseRetention } from '../../src/backup/retention-grammar.ts';
import { inZone, zones } from './in-zone.ts';
import { type Names, namesOf, newestOfEach } from './naive.ts';
import { madeAt, nightAfterNight } from './nights.ts';
import { type Case, someCase, someNow, someRetention } from './some-case.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const periods = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const satisfies (keyof Names)[];

function always(name: string, holds: (some: Case) => void): void {
  test(name, () => {
    fc.assert(
      fc.property(someCase, (some) => {
        inZone(some.zone);
        holds(some);
      }),
      { numRuns: 500 },
    );
  });
}

function keptOf({ points, retention, now }: Omit<Case, 'zone'>): Point[] {
  return decide(points, retention, now)
    .filter(({ reasons }) => reasons.length > 0)
    .map(({ point }) => point);
}

describe('whatever there is', () => {
  always('each point is decided on once, newest first', ({ points, retention, now }) => {
    const decided = decide(points, retention, now).map(({ point }) => point);
    expect(new Set(decided)).toEqual(new Set(points));
    expect(decided.length).toBe(points.length);
    expect(decided.map(({ time }) => time)).toEqual(points.map(({ time }) => time).toSorted((a, b) => b - a));
  });

  always('it goes exactly where nothing keeps it', ({ points, retention, now }) => {
    for (const { reasons, standing } of decide(points, retention, now)) {
      expect(standing === 'goes').toBe(reasons.length === 0);
    }
  });

  always('the pinned, the newest and the future stay', (some) => {
    const kept = new Set(keptOf(some));
    const newest = Math.max(...some.points.map(({ time }) => time));
    const past = some.points.map(({ time }) => time).filter((time) => time <= some.now);
    for (const point of some.points) {
      if (point.pinned !== undefined || point.time > some.now) expect(kept).toContain(point);
    }
    if (some.points.length > 0) expect([...kept].some(({ time }) => time === newest)).toBe(true);
    if (past.length > 0) expect([...kept].some(({ time }) => time === Math.max(...past))).toBe(true);
  });

  always('what is kept is kept when it is decided on again', (some) => {
    const kept = keptOf(some);
    expect(keptOf({ ...some, points: kept })).toEqual(kept);
  });

  always('the order of the input changes nothing', ({ points, retention, now }) => {
    const decisions = decide(points, retention, now);
    expect(decide(points.toReversed(), retention, now)).toEqual(decisions);
    expect(
      decide(
        points.toSorted((one, other) => one.id.localeCompare(other.id)),
        retention,
        now,
      ),
    ).toEqual(decisions);
  });

  always('the input stays as it is', ({ points, retention, now }) => {
    const before = structuredClone(points);
    decide(points, retention, now);
    expect(points).toEqual(before);
  });

  always('one that is newer brings back none that goes', (some) => {
    const kept = new Set(keptOf(some).map(({ id }) => id));
    const newest = Math.max(some.now, ...some.points.map(({ time }) => time));
    for (const later of [0, minute, day, 400 * day]) {
      const newer = madeAt(newest + later);
      const points = [...some.points, newer];
      for (const point of keptOf({ ...some, points })) {
        expect(point === newer || kept.has(point.id)).toBe(true);
      }
    }
  });

  always('for room go, oldest first, those that only the policy keeps', ({ points, retention, now }) => {
    const decisions = decide(points, retention, now);
    const order = expendable(decisions);
    expect(order).toEqual(decisions.filter(({ standing }) => standing === 'policy').toReversed());
    for (const [place, { point, reasons }] of order.entries()) {
      expect(point.pinned).toBeUndefined();
      expect(point.time).toBeLessThanOrEqual(now);
      expect(reasons.length).toBeGreaterThan(0);
      expect(point.time).toBeGreaterThanOrEqual(order[place - 1]?.point.time ?? Number.NEGATIVE_INFINITY);
      expect(point.time).toBeLessThanOrEqual(Math.max(...points.map(({ time }) => time)));
      expect(decisions[0]?.point).not.toBe(point);
    }
  });

  always('each period has its newest kept, as it is defined', ({ zone, points, retention, now }) => {
    fc.pre(retention !== 'all');
    const decisions = decide(points, retention, now);
    const past = decisions.map(({ point }) => point).filter(({ time }) => time <= now);
    const names = new Map(past.map((point) => [point, namesOf(point.time, zone)]));
    for (const period of periods) {
      const name = (point: Point) => names.get(point)?.[period] ?? '';
      const expected = newestOfEach(past, name, retention.counts.get(period) ?? 0);
      const said = decisions.flatMap(({ point, reasons }) =>
        reasons.filter((reason) => reason.startsWith(`${period} `)).map((reason) => [point.id, reason]),
      );
      expect(said).toEqual(expected.map((point) => [point.id, `${period} ${name(point)}`]));
    }
  });
});

test('night after night leaves what one night would, and each of the newest periods its newest', () => {
  const gaps = fc.array(
    fc.oneof(
      fc.constant(day),
      fc.constantFrom(hour, 7 * hour, 25 * hour, 3 * day, 40 * day),
      fc.nat(2 * day),
    ),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...zones), someNow, gaps, someRetention, (zone, start, some, text) => {
      inZone(zone);
      // A month's begin is not always later for a later time, so that one night can find what another dropped.
      const retention = parseRetention(text.replace(/within 1[dwmy]/, 'within 24h'));
      fc.pre(retention !== 'all');
      const made: Point[] = [];
      let now = start;
      const nights = some.map((gap, place) => {
        now += gap;
        return { now, made: [{ ...madeAt(now), id: `p${String(place).padStart(3, '0')}` }] };
      });
      for (const { night, decisions } of nightAfterNight(nights, retention)) {
        made.unshift(...night.made);
        const kept = new Set(
          decisions.filter(({ standing }) => standing !== 'goes').map(({ point }) => point.id),
        );
        for (const period of periods) {
          const name = ({ time }: Point) => namesOf(time, zone)[period];
          for (const point of newestOfEach(made, name, retention.counts.get(period) ?? 0)) {
            expect(kept).toContain(point.id);
          }
        }
        expect(kept).toEqual(
          new Set(keptOf({ points: made, retention, now: night.now }).map(({ id }) => id)),
        );
      }
    }),
    { numRuns: 60 },
  );
});
