import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { inLab } from './in-lab.ts';

interface Matrix {
  points: number;
  killed: number;
  violations: string[];
}

// Every point with a campaign; else every third, which still meets every step, in a time that a daily run can bear; and
// where programs start slowly every ninth.
const daily = deadline(1) > 1 ? 9 : 3;
const every = process.env['JTX_CAMPAIGN_MINUTES'] === undefined ? daily : 1;

describe.concurrent('killed at the points of a run', { timeout: deadline(30 * 60_000) }, () => {
  it.each([
    ['install', 100],
    ['failing install', 100],
    ['upgrade', 100],
    ['rollback', 40],
    ['recovery', 40],
  ])('%s leaves the jail as before or committed', async (scenario, least) => {
    const { points, killed, violations } = await inLab<Matrix>('crash-matrix', scenario, String(every));
    console.log(`${scenario}: killed at ${killed} of ${points} points, ${violations.length} violations`);
    expect(violations).toEqual([]);
    expect(points).toBeGreaterThanOrEqual(least);
    expect(killed).toBe(Math.ceil(points / every));
  });
});
