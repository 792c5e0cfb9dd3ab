import { expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { inLab } from './in-lab.ts';

interface Matrix {
  points: number;
  killed: number;
  violations: string[];
}

// Every point with a campaign; else some of them, from another one each day.
const daily = deadline(1) > 1 ? 12 : 5;
const every = process.env['JTX_CAMPAIGN_MINUTES'] === undefined ? daily : 1;
const first = 1 + (Math.floor(Date.now() / 86_400_000) % every);

it('killed at the points of a prune, every backup that is left is whole, and the next prune completes it', {
  timeout: deadline(15 * 60_000),
  retry: 0,
}, async () => {
  const { points, killed, violations } = await inLab<Matrix>('prune-matrix', String(every), String(first));
  console.log(`prune: killed at ${killed} of ${points} points, ${violations.length} violations`);
  expect(violations).toEqual([]);
  expect(points).toBeGreaterThan(20);
  expect(killed).toBe(Math.ceil((points - first + 1) / every));
});
