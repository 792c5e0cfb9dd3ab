import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { inLab } from './in-lab.ts';

interface Matrix {
  points: number;
  killed: number;
  violations: string[];
}

// Every point with a campaign; else every eighth, in a time that a daily run can bear, and where programs start slowly
// every fortieth: from another one each day, so that some days meet them all.
const daily = deadline(1) > 1 ? 40 : 8;
const every = process.env['JTX_CAMPAIGN_MINUTES'] === undefined ? daily : 1;
const today = Math.floor(Date.now() / 86_400_000);

describe.concurrent('killed at the points of a run', { timeout: deadline(30 * 60_000), retry: 0 }, () => {
  it.each([
    ['install', 100],
    ['failing install', 100],
    ['kept failure', 100],
    ['running jail', 100],
    ['rehearsal', 100],
    ['upgrade', 100],
    ['rollback', 100],
    ['rollback in place', 40],
    ['undo', 100],
    ['drop', 20],
    ['recovery', 40],
  ])('%s leaves the jail as before or committed', async (scenario, least) => {
    const first = 1 + (today % Math.min(every, least));
    const { points, killed, violations } = await inLab<Matrix>(
      'crash-matrix',
      scenario,
      String(every),
      String(first),
    );
    console.log(`${scenario}: killed at ${killed} of ${points} points, ${violations.length} violations`);
    expect(violations).toEqual([]);
    expect(points).toBeGreaterThanOrEqual(least);
    expect(killed).toBe(Math.ceil((points - first + 1) / every));
  });
});
