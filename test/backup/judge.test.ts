import { describe, expect, test } from 'vitest';
import { type BackupReason, judgeBackups, type Level, type Limits, worstOf } from '../../src/backup/judge.ts';
import { hour, now, type Standing, standing } from './standing.ts';

const limits: Limits = { warn: 26 * hour, critical: 50 * hour, proved: undefined };
const proved = 24 * 30;

interface Case {
  name: string;
  is?: Standing;
  limits?: Limits;
  level: Level;
  reasons: BackupReason[];
}

const cases: Case[] = [
  { name: 'of this night', is: { good: 3 }, level: 'ok', reasons: [] },
  { name: 'exactly as old as it may be', is: { good: 26 }, level: 'ok', reasons: [] },
  { name: 'a little older', is: { good: 26.001 }, level: 'warning', reasons: ['old'] },
  { name: 'exactly at the next limit', is: { good: 50 }, level: 'warning', reasons: ['old'] },
  { name: 'much older', is: { good: 50.001 }, level: 'critical', reasons: ['old'] },
  { name: 'nothing in the journal', level: 'critical', reasons: ['never'] },
  { name: 'only failures', is: { failed: 1 }, level: 'critical', reasons: ['never', 'failed'] },
  { name: 'one failure', is: { good: 25, failed: 1 }, level: 'warning', reasons: ['failed'] },
  {
    name: 'failures for two nights',
    is: { good: 27, failed: 1 },
    level: 'warning',
    reasons: ['old', 'failed'],
  },
  {
    name: 'failures for three nights',
    is: { good: 51, failed: 1 },
    level: 'critical',
    reasons: ['old', 'failed'],
  },
  { name: 'a little ahead of the clock', is: { good: -0.05 }, level: 'ok', reasons: [] },
  { name: 'in the future', is: { good: -24 }, level: 'warning', reasons: ['future'] },
  {
    name: 'could not be restored',
    is: { good: 27, check: { state: 'failed', age: 2 } },
    level: 'critical',
    reasons: ['unrestorable', 'old'],
  },
  { name: 'never restored, and nobody asks', is: { good: 1 }, level: 'ok', reasons: [] },
  {
    name: 'never restored',
    is: { good: 1 },
    limits: { ...limits, proved: proved * hour },
    level: 'warning',
    reasons: ['unproved'],
  },
  {
    name: 'proved in time',
    is: { good: 1, check: { state: 'proved', age: proved } },
    limits: { ...limits, proved: proved * hour },
    level: 'ok',
    reasons: [],
  },
  {
    name: 'proved too long ago',
    is: { good: 1, check: { state: 'proved', age: proved + 1 } },
    limits: { ...limits, proved: proved * hour },
    level: 'warning',
    reasons: ['unproved'],
  },
  {
    name: 'proved by a clock that ran ahead',
    is: { good: 1, check: { state: 'proved', age: -24 } },
    limits: { ...limits, proved: proved * hour },
    level: 'warning',
    reasons: ['unproved'],
  },
  {
    name: 'what is not there need not be proved',
    limits: { ...limits, proved: proved * hour },
    level: 'critical',
    reasons: ['never'],
  },
];

describe('a backup', () => {
  test.each(cases)('$name: $level', ({ is, limits: own = limits, level, reasons }) => {
    const standings = is === undefined ? [] : [standing(is)];
    const [finding] = judgeBackups(standings, ['web'], ['nas'], own, now);
    expect({ level: finding?.level, reasons: finding?.reasons }).toEqual({ level, reasons });
  });
});

test('every jail is judged on every target, and nothing else', () => {
  const standings = [
    standing({ jail: 'web', target: 'nas', good: 1 }),
    standing({ jail: 'web', target: 'no more configured', good: 1 }),
    standing({ jail: 'gone', target: 'nas', good: 1 }),
    standing({ jail: 'db', target: 'disk', good: 30 }),
  ];
  const found = judgeBackups(standings, ['db', 'web'], ['nas', 'disk'], limits, now);
  expect(found.map(({ jail, target, level, age }) => [jail, target, level, age])).toEqual([
    ['db', 'nas', 'critical', undefined],
    ['db', 'disk', 'warning', 30 * hour],
    ['web', 'nas', 'ok', hour],
    ['web', 'disk', 'critical', undefined],
  ]);
  expect(worstOf(found)).toBe('critical');
  expect(worstOf(found.filter(({ level }) => level !== 'critical'))).toBe('warning');
  expect(worstOf([])).toBe('ok');
});
