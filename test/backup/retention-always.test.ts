import { expect, test } from 'vitest';
import { decide, expendable } from '../../src/backup/retention.ts';
import { parseRetention } from '../../src/backup/retention-grammar.ts';
import { inZone } from './in-zone.ts';
import { at, now, reasons } from './november.ts';

inZone('Europe/Berlin');

test('what is pinned stays and is counted like any other', () => {
  const points = [
    at('11-25 03:00'),
    at('11-24 04:00', { pinned: 'base of target disk2' }),
    at('11-24 03:00'),
    at('01-01 03:00', { pinned: 'held' }),
  ];
  expect(reasons(points, 'daily 2')).toEqual({
    '11-25 03:00': ['the newest', 'daily 2026-11-25'],
    '11-24 04:00': ['pinned: base of target disk2', 'daily 2026-11-24'],
    '11-24 03:00': [],
    '01-01 03:00': ['pinned: held'],
  });
});

test('the newest is kept however old it is', () => {
  expect(reasons([at('01-01 03:00'), at('01-01 02:00')], 'within 1h')).toEqual({
    '01-01 03:00': ['the newest'],
    '01-01 02:00': [],
  });
});

test('what is in the future is kept, and takes nothing from what is not', () => {
  const points = [
    at('12-24 03:00'),
    at('12-23 03:00'),
    at('11-25 03:00'),
    at('11-24 03:00'),
    at('11-23 03:00'),
  ];
  expect(reasons(points, 'last 2, daily 2, within 25h')).toEqual({
    '12-24 03:00': ['the newest', 'in the future'],
    '12-23 03:00': ['in the future'],
    '11-25 03:00': ['the newest that is not in the future', 'last 1 of 2', 'daily 2026-11-25', 'within 25h'],
    '11-24 03:00': ['last 2 of 2', 'daily 2026-11-24'],
    '11-23 03:00': [],
  });
});

test('what may go for room: oldest first, and nothing that is pinned, the newest or in the future', () => {
  const points = [
    at('12-24 03:00'),
    at('11-25 03:00'),
    at('11-24 03:00', { pinned: 'held' }),
    at('11-23 03:00'),
    at('11-22 03:00'),
    at('11-21 03:00'),
  ];
  const decisions = decide(points, parseRetention('daily 4'), now);
  expect(expendable(decisions).map(({ point }) => point.id)).toEqual(['11-22 03:00', '11-23 03:00']);
});
