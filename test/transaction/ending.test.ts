import { expect, test } from 'vitest';
import type { EndState } from '../../src/journal/rows.ts';
import { type Ending, exitStatus, plainEnding, stateSentence } from '../../src/transaction/ending.ts';

const ended = (state: EndState, more: Partial<Ending> = {}): Ending =>
  plainEnding({ id: '01K00000000000000000000000', jail: 'web', verb: 'install', state, ...more });

test.each<[EndState, number]>([
  ['committed', 0],
  ['unchanged', 0],
  ['refused', 3],
  ['rolled-back', 4],
  ['stuck', 5],
])('%s ends with %i, and with 5 where the jail does not start again', (state, status) => {
  expect(exitStatus(ended(state))).toBe(status);
  const down = ended(state, { warnings: ['the jail was not started again: jail web does not start'] });
  expect(exitStatus(down)).toBe(5);
  expect(stateSentence(down)).not.toContain('the jail is as before');
});

test('a signal that ended it is told, unless something is left to do', () => {
  expect(exitStatus(ended('rolled-back', { signal: 15 }))).toBe(143);
  expect(exitStatus(ended('rolled-back', { signal: 15, warnings: ['the jail was not started again'] }))).toBe(
    5,
  );
});

test('a snapshot that others hold is told, and changes nothing of how it ended', () => {
  const held = ended('rolled-back', { warnings: ['the snapshot: dataset is busy'] });
  expect(exitStatus(held)).toBe(4);
  expect(stateSentence(held)).toContain('the jail is as before');
});
