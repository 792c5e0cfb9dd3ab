import { expect, it } from 'vitest';
import { inLab } from '../crash/in-lab.ts';
import { deadline } from '../lab/deadline.ts';
import type { YearResult } from './year.ts';

// A year with a campaign, else some weeks of it, fewer where programs start slowly.
const campaign = process.env['JTX_CAMPAIGN_MINUTES'] !== undefined;
const some = (process.env['JTX_LESS'] === undefined ? 15 : 8) / deadline(1);
const nights = Number(process.env['JTX_NIGHTS'] ?? (campaign ? 365 : Math.ceil(some)));
const seed = Number(process.env['JTX_NIGHTS_SEED'] ?? 1 + (Date.now() % 1_000_000));

it(`after ${nights} nights every backup that is kept restores`, {
  timeout: deadline(10 * 60_000 + nights * 30_000),
  retry: 0,
}, async () => {
  const { violations, ...result } = await inLab<YearResult>('year', String(nights), String(seed));
  console.log(JSON.stringify(result));
  expect(violations).toEqual([]);
  expect(result.nights + result.missed).toBe(nights);
  expect(result.restored).toBeGreaterThan(Math.min(nights / 3, 15));
});
