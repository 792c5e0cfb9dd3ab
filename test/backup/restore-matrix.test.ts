import { describe, expect, it } from 'vitest';
import { inLab } from '../crash/in-lab.ts';
import { deadline } from '../lab/deadline.ts';

interface Result {
  scenario: string;
  points: number;
  killed: number;
  violations: string[];
}

// Every point takes as long as two restores: all of them in a campaign, another part of them each day otherwise.
const every = process.env['JTX_CAMPAIGN_MINUTES'] === undefined ? deadline(12) : 1;
const first = 1 + (Math.floor(Date.now() / 86_400_000) % every);

describe('killed at the points of a restore', { timeout: deadline(10 * 60_000), retry: 0 }, () => {
  it.each(['place', 'beside', 'drill'])('%s is put right, and nothing is left', async (scenario) => {
    const result = await inLab<Result>('restore-matrix', scenario, String(every), String(first));
    console.log(`restore, ${scenario}: killed at ${result.killed} of ${result.points} points`);
    expect(result.violations).toEqual([]);
    expect(result.killed).toBeGreaterThan(0);
  });
});
