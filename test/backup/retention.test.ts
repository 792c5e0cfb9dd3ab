import { ulid } from 'ulid';
import { describe, expect, test } from 'vitest';
import { decide, expendable, type Point } from '../../src/backup/retention.ts';
import { parseRetention } from '../../src/backup/retention-grammar.ts';
import { inZone } from './in-zone.ts';
import { at, hour, minute, now, reasons } from './november.ts';

inZone('Europe/Berlin');

test('there may be nothing to decide about', () => {
  expect(decide([], parseRetention('daily 7'), now)).toEqual([]);
  expect(expendable([])).toEqual([]);
});

test('all are decided on, newest first', () => {
  const points = [at('11-23 03:00'), at('11-25 03:00'), at('11-24 03:00')];
  const decisions = decide(points, parseRetention('last 1'), now);
  expect(decisions).toEqual([
    { point: points[1], reasons: ['the newest', 'last 1 of 1'], standing: 'always' },
    { point: points[2], reasons: [], standing: 'goes' },
    { point: points[0], reasons: [], standing: 'goes' },
  ]);
});

test('last counts points, whenever they were made', () => {
  const points = [at('11-25 03:00'), at('11-25 02:00'), at('09-01 03:00'), at('08-01 03:00')];
  expect(reasons(points, 'last 3')).toEqual({
    '11-25 03:00': ['the newest', 'last 1 of 3'],
    '11-25 02:00': ['last 2 of 3'],
    '09-01 03:00': ['last 3 of 3'],
    '08-01 03:00': [],
  });
});

test('of each day that has points the newest is kept, and days without any are not counted', () => {
  const points = ['11-25 03:00', '11-25 02:00', '11-20 23:59', '11-20 00:00', '11-01 12:00', '10-31 23:59'];
  expect(
    reasons(
      points.map((when) => at(when)),
      'daily 3',
    ),
  ).toEqual({
    '11-25 03:00': ['the newest', 'daily 2026-11-25'],
    '11-25 02:00': [],
    '11-20 23:59': ['daily 2026-11-20'],
    '11-20 00:00': [],
    '11-01 12:00': ['daily 2026-11-01'],
    '10-31 23:59': [],
  });
});

test('one point can be kept by several terms, and each says so', () => {
  const transaction = ulid(now - hour);
  const points = [at('11-25 11:00', { transaction, pinned: 'held' })];
  const everything =
    'last 7, hourly 24, daily 14, weekly 8, monthly 12, yearly 5, within 48h, transactions 30d';
  expect(reasons(points, everything)['11-25 11:00']).toEqual([
    'the newest',
    'pinned: held',
    'last 1 of 7',
    'hourly 2026-11-25T11+01:00',
    'daily 2026-11-25',
    'weekly 2026-W48',
    'monthly 2026-11',
    'yearly 2026',
    'within 48h',
    `transaction ${transaction}`,
  ]);
});

test('all keeps all', () => {
  expect(reasons([at('11-25 03:00'), at('01-01 03:00')], 'all')).toEqual({
    '11-25 03:00': ['the newest', 'all'],
    '01-01 03:00': ['all'],
  });
});

test('within keeps what was made since, the very moment included', () => {
  const exactly = now - 48 * hour;
  const point = (id: string, time: number): Point => ({
    id,
    time,
    transaction: undefined,
    pinned: undefined,
  });
  const points = [point('now', now), point('just', exactly), point('before', exactly - 1)];
  expect(reasons(points, 'within 48h')).toEqual({
    now: ['the newest', 'within 48h'],
    just: ['within 48h'],
    before: [],
  });
});

describe('transactions', () => {
  test('keeps what belongs to a transaction of that time, and nothing else', () => {
    const points = [
      at('11-25 03:00'),
      at('11-24 03:00', { transaction: 'new' }),
      at('11-23 03:00'),
      at('10-20 03:00', { transaction: 'old' }),
    ];
    expect(reasons(points, 'transactions 30d')).toEqual({
      '11-25 03:00': ['the newest'],
      '11-24 03:00': ['transaction new'],
      '11-23 03:00': [],
      '10-20 03:00': [],
    });
  });

  test('goes by the time of the transaction where its backup is older', () => {
    const young = ulid(now - 29 * 24 * hour);
    const old = ulid(now - 31 * 24 * hour);
    const points = [
      at('11-25 03:00'),
      at('10-01 03:00', { transaction: young }),
      at('09-01 03:00', { transaction: old }),
    ];
    expect(reasons(points, 'transactions 30d')).toMatchObject({
      '10-01 03:00': [`transaction ${young}`],
      '09-01 03:00': [],
    });
  });

  test('goes by the time of the point where the transaction is no ULID, or says it is older', () => {
    const points = ['8ZZZZZZZZZZZZZZZZZZZZZZZZZ', 'x', ulid(1)].map((transaction) =>
      at('11-24 03:00', { id: transaction, transaction }),
    );
    expect(Object.values(reasons(points, 'transactions 30d')).map((some) => some.length > 0)).toEqual([
      true,
      true,
      true,
    ]);
  });
});

test('of two made at the same time the greater id is the newer', () => {
  const points = ['b', 'c', 'a'].map((id) => at('11-25 03:00', { id }));
  expect(decide(points, parseRetention('daily 1'), now).map(({ point }) => point.id)).toEqual([
    'c',
    'b',
    'a',
  ]);
});

test('a clock set back across midnight does not give a day two points', () => {
  inZone('America/St_Johns');
  const times = ['02:40:00', '02:30:30', '02:20:00'].map((time) => Date.parse(`2010-11-07T${time}Z`));
  const points = times.map((time) => ({ id: `${time}`, time, transaction: undefined, pinned: undefined }));
  const kept = decide(points, parseRetention('daily 5'), Date.parse('2010-11-08T12:00:00Z'));
  expect(kept.map(({ reasons }) => reasons)).toEqual([
    ['the newest', 'daily 2010-11-06'],
    ['daily 2010-11-07'],
    [],
  ]);
  inZone('Europe/Berlin');
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%s is no time', (time) => {
  const point = { id: 'x', time, transaction: undefined, pinned: undefined };
  const daily = parseRetention('daily 1');
  expect(() => decide([at('11-25 03:00'), point], daily, now)).toThrow(RangeError);
  expect(() => decide([at('11-25 03:00')], daily, time)).toThrow(RangeError);
});

test('thousands of points take milliseconds', () => {
  const everything = parseRetention(
    'last 7, hourly 24, daily 14, weekly 8, monthly 12, yearly 5, within 48h',
  );
  const points = Array.from({ length: 5000 }, (_, place) => ({
    id: `${place}`,
    time: now - place * 10 * minute,
    transaction: undefined,
    pinned: undefined,
  }));
  const spent = Array.from({ length: 5 }, () => {
    const start = performance.now();
    decide(points, everything, now);
    return performance.now() - start;
  });
  // It takes about 30; the best of several, because the machine has other work too.
  expect(Math.min(...spent)).toBeLessThan(500);
});
