import { expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { inLab } from './in-lab.ts';

interface Campaign {
  kills: number;
  seed: number;
  violations: string[];
}

const minutes = Number(process.env['JTX_CAMPAIGN_MINUTES'] ?? '0.4');

it('killed at random instants, the jail is as before or committed', {
  timeout: minutes * 60_000 + deadline(5 * 60_000),
  retry: 0,
}, async () => {
  const seed = 1 + (Date.now() % 1_000_000);
  const { kills, violations } = await inLab<Campaign>('crash-campaign', String(minutes * 60), String(seed));
  console.log(`killed ${kills} times at random instants (seed ${seed}), ${violations.length} violations`);
  expect(violations).toEqual([]);
  expect(kills).toBeGreaterThan(0);
});
