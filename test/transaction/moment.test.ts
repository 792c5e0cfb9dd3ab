import { sub } from 'date-fns';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMoment } from '../../src/transaction/moment.ts';

const now = new Date(2026, 2, 31, 12, 30, 15).getTime();

test.each<[string, Parameters<typeof sub>[1]]>([
  ['5 minutes ago', { minutes: 5 }],
  ['1 minute ago', { minutes: 1 }],
  ['90 min ago', { minutes: 90 }],
  ['2 hours ago', { hours: 2 }],
  ['3 days ago', { days: 3 }],
  ['3days ago', { days: 3 }],
  ['2 Weeks AGO', { weeks: 2 }],
  ['1 month ago', { months: 1 }],
  ['10 years ago', { years: 10 }],
  ['  yesterday ', { days: 1 }],
  ['Yesterday', { days: 1 }],
  ['0 days ago', {}],
])('%s', (text, length) => {
  expect(parseMoment(text, now)).toBe(sub(now, length).getTime());
});

test('a month before the end of March is the end of February', () => {
  expect(parseMoment('1 month ago', now)).toBe(new Date(2026, 1, 28, 12, 30, 15).getTime());
});

test.each([
  ['2026-05-01 18:00:07', new Date(2026, 4, 1, 18, 0, 7)],
  ['2026-05-01 18:00', new Date(2026, 4, 1, 18)],
  ['2026-05-01', new Date(2026, 4, 1)],
  ['2026-05-01T18:00', new Date(2026, 4, 1, 18)],
  ['2026-05-01T18:00:00Z', new Date('2026-05-01T18:00:00Z')],
  ['2026-05-01T18:00:00.5+02:00', new Date('2026-05-01T16:00:00.500Z')],
])('%s is a time', (text, time) => {
  expect(parseMoment(text, now)).toBe(time.getTime());
});

test.each([
  '',
  'now',
  'ago',
  'days ago',
  '2 days',
  '-2 days ago',
  '1.5 days ago',
  '12345 days ago',
  '2 daysago',
  '2 fortnights ago',
  'in 2 days',
  '2026',
  '2026-05',
  '2026-13-01',
  '2026-02-30',
  '2026-05-01 25:00',
  '2026-05-01 18:00 or so',
  '2026-05-01T25:00',
  '2026-05-01Tx',
  '18:00',
  '20260501T180000Z',
  '01/05/2026',
  '01K7A0000000000000000000A1',
  '1760000000',
])('%j is none', (text) => {
  expect(parseMoment(text, now)).toBeUndefined();
});

test('whatever is written is a time or is none', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789 -:.TZ+dayshourg') }), (text) => {
      const moment = parseMoment(text, now);
      expect(moment === undefined || Number.isFinite(moment)).toBe(true);
    }),
  );
});
