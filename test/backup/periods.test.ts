import { describe, expect, test } from 'vitest';
import { beginOf, type Period, periodOf } from '../../src/backup/periods.ts';
import { inZone } from './in-zone.ts';

const utc = (text: string) => Date.parse(text);

describe.each<[string, [Period, string, string][]]>([
  [
    'UTC',
    [
      ['hourly', '2026-11-25T14:59:59.999Z', '2026-11-25T14Z'],
      ['hourly', '2026-11-25T15:00:00Z', '2026-11-25T15Z'],
      ['daily', '2026-11-25T23:59:59.999Z', '2026-11-25'],
      ['daily', '2028-02-29T12:00:00Z', '2028-02-29'],
      ['monthly', '2026-11-30T23:59:59.999Z', '2026-11'],
      ['yearly', '2026-12-31T23:59:59.999Z', '2026'],
    ],
  ],
  [
    'Europe/Berlin',
    [
      ['daily', '2026-11-25T22:59:59Z', '2026-11-25'],
      ['daily', '2026-11-25T23:00:00Z', '2026-11-26'],
      ['yearly', '2026-12-31T23:00:00Z', '2027'],
      ['monthly', '2026-12-31T23:00:00Z', '2027-01'],
      // There is no hour from two to three on 29 March, and there are two on 25 October.
      ['hourly', '2026-03-29T00:59:00Z', '2026-03-29T01+01:00'],
      ['hourly', '2026-03-29T01:00:00Z', '2026-03-29T03+02:00'],
      ['hourly', '2026-10-25T00:30:00Z', '2026-10-25T02+02:00'],
      ['hourly', '2026-10-25T01:30:00Z', '2026-10-25T02+01:00'],
      // The first and the last moment of the day of 25 hours.
      ['daily', '2026-10-24T22:00:00Z', '2026-10-25'],
      ['daily', '2026-10-25T22:59:59Z', '2026-10-25'],
      // ISO weeks at the ends of years.
      ['weekly', '2024-12-29T12:00:00Z', '2024-W52'],
      ['weekly', '2024-12-30T12:00:00Z', '2025-W01'],
      ['weekly', '2026-01-04T12:00:00Z', '2026-W01'],
      ['weekly', '2026-12-27T23:00:00Z', '2026-W53'],
      ['weekly', '2027-01-01T12:00:00Z', '2026-W53'],
      ['weekly', '2027-01-03T22:59:59Z', '2026-W53'],
      ['weekly', '2027-01-03T23:00:00Z', '2027-W01'],
    ],
  ],
  [
    'America/New_York',
    [
      ['daily', '2026-11-26T04:59:59Z', '2026-11-25'],
      ['hourly', '2026-03-08T06:30:00Z', '2026-03-08T01-05:00'],
      ['hourly', '2026-03-08T07:30:00Z', '2026-03-08T03-04:00'],
      ['hourly', '2026-11-01T05:30:00Z', '2026-11-01T01-04:00'],
      ['hourly', '2026-11-01T06:30:00Z', '2026-11-01T01-05:00'],
    ],
  ],
  // Half an hour is set back, from two to half past one: the second one is a short hour of its own.
  [
    'Australia/Lord_Howe',
    [
      ['hourly', '2026-04-04T14:45:00Z', '2026-04-05T01+11:00'],
      ['hourly', '2026-04-04T15:15:00Z', '2026-04-05T01+10:30'],
      ['hourly', '2026-04-04T15:30:00Z', '2026-04-05T02+10:30'],
    ],
  ],
  // The clock went from one minute past midnight back to the day before.
  [
    'America/St_Johns',
    [
      ['daily', '2010-11-07T02:30:30Z', '2010-11-07'],
      ['daily', '2010-11-07T02:31:00Z', '2010-11-06'],
      ['daily', '2010-11-07T03:30:00Z', '2010-11-07'],
    ],
  ],
])('in %s', (zone, cases) => {
  test.each(cases)('the %s period of %s is %s', (period, time, name) => {
    inZone(zone);
    expect(periodOf[period](utc(time))).toBe(name);
  });
});

test.each<[string, string, number, Parameters<typeof beginOf>[0]['unit'], string]>([
  ['Europe/Berlin', '2026-11-25T12:00:00Z', 48, 'h', '2026-11-23T12:00:00Z'],
  // Over both changes: hours pass, days keep the time of day.
  ['Europe/Berlin', '2026-03-29T12:00:00Z', 24, 'h', '2026-03-28T12:00:00Z'],
  ['Europe/Berlin', '2026-03-29T12:00:00Z', 1, 'd', '2026-03-28T13:00:00Z'],
  ['Europe/Berlin', '2026-10-25T12:00:00Z', 24, 'h', '2026-10-24T12:00:00Z'],
  ['Europe/Berlin', '2026-10-25T12:00:00Z', 1, 'd', '2026-10-24T11:00:00Z'],
  ['America/New_York', '2026-11-03T12:00:00Z', 1, 'w', '2026-10-27T11:00:00Z'],
  ['UTC', '2026-03-31T12:00:00Z', 1, 'm', '2026-02-28T12:00:00Z'],
  ['UTC', '2028-03-31T12:00:00Z', 1, 'm', '2028-02-29T12:00:00Z'],
  ['UTC', '2028-02-29T12:00:00Z', 1, 'y', '2027-02-28T12:00:00Z'],
  ['UTC', '2028-02-29T12:00:00Z', 4, 'y', '2024-02-29T12:00:00Z'],
])('in %s before %s, %i%s began at %s', (zone, now, count, unit, begin) => {
  inZone(zone);
  expect(new Date(beginOf({ count, unit }, utc(now)))).toEqual(new Date(begin));
});

test.each(['h', 'd', 'w', 'm', 'y'] as const)(
  'the longest span of %s begins at a time that exists',
  (unit) => {
    expect(beginOf({ count: 99999, unit }, utc('2026-11-25T12:00:00Z'))).toBeLessThan(utc('2016-01-01'));
  },
);
