import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { inLab } from './in-lab.ts';

interface Matrix {
  points: number;
  killed: number;
  violations: string[];
}

// As in the matrix of transactions: some points a day, from another one each day, and every one with a campaign.
const campaign = process.env['JTX_CAMPAIGN_MINUTES'] !== undefined;
const slow = deadline(1) > 1 ? 2 : 1;

describe.concurrent('a backup that is killed', { timeout: deadline(40 * 60_000), retry: 0 }, () => {
  it.each([
    ['first', 40 * slow, 100],
    ['later', 60 * slow, 150],
  ])('%s: the next completes, and every backup is what it was', async (scenario, usual, least) => {
    const every = campaign ? 1 : usual;
    const first = 1 + (Math.floor(Date.now() / 86_400_000) % every);
    const { points, killed, violations } = await inLab<Matrix>(
      'backup-matrix',
      scenario,
      String(every),
      String(first),
    );
    console.log(`${scenario}: killed at ${killed} of ${points} points, ${violations.length} violations`);
    expect(violations).toEqual([]);
    expect(points).toBeGreaterThanOrEqual(least);
    expect(killed).toBeGreaterThan(0);
  });
});
