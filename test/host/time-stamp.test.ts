import { expect, test } from 'vitest';
import { latestOf } from '../../src/host/time-stamp.ts';

test.each([
  [1_760_000_000_000, 1_760_000_000_999],
  [1_760_000_000_001, 1_760_000_000_001],
  [1_760_000_000_000.25, 1_760_000_000_000.25],
])('the stamp %d means %d at the latest', (stamp, latest) => {
  expect(latestOf(stamp)).toBe(latest);
});
