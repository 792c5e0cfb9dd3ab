import { expect, test } from 'vitest';
import { inTurn } from '../../src/backup/in-turn.ts';
import type { BackupTurn } from '../../src/journal/backups.ts';

const now = Date.UTC(2026, 10, 25);
const candidates = ['web nas', 'web usb', 'db nas'].map((words) => {
  const [jail = '', name = ''] = words.split(' ');
  return { jail, target: { name } };
});

test.each<[string, Record<string, number>, string[]]>([
  ['none had a turn yet', {}, ['web nas', 'web usb', 'db nas']],
  ['the others had theirs', { 'web nas': 1, 'web usb': 2 }, ['db nas', 'web nas', 'web usb']],
  ['longest ago', { 'web nas': 3, 'web usb': 1, 'db nas': 2 }, ['web usb', 'db nas', 'web nas']],
  [
    'by a clock that ran ahead',
    { 'web nas': 2, 'web usb': 1, 'db nas': now + 1 },
    ['db nas', 'web usb', 'web nas'],
  ],
])('who is first: %s', (_, had, expected) => {
  const turns: BackupTurn[] = Object.entries(had).map(([words, at]) => {
    const [jail = '', target = ''] = words.split(' ');
    return { jail, target, at };
  });
  const order = inTurn(candidates, turns, now);
  expect(order.map(({ jail, target }) => `${jail} ${target.name}`)).toEqual(expected);
});
