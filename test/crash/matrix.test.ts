import { describe, expect, it } from 'vitest';
import { inLab } from './in-lab.ts';

interface Matrix {
  points: number;
  killed: number;
  violations: string[];
}

describe.concurrent('killed at every point', { timeout: 30 * 60_000 }, () => {
  it.each([
    ['install', 100],
    ['failing install', 100],
    ['upgrade', 100],
    ['rollback', 40],
    ['recovery', 40],
  ])('%s leaves the jail as before or committed', async (scenario, least) => {
    const { points, killed, violations } = await inLab<Matrix>('crash-matrix', scenario);
    console.log(`${scenario}: killed at ${killed} points, ${violations.length} violations`);
    expect(violations).toEqual([]);
    expect(points).toBeGreaterThanOrEqual(least);
    expect(killed).toBe(points);
  });
});
