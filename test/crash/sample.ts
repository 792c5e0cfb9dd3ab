import { deadline } from '../lab/deadline.ts';

const campaign = process.env['JTX_CAMPAIGN_MINUTES'] !== undefined;

/** Milliseconds that the kills of a matrix may take together. */
export const matrixDeadline = deadline((campaign ? 90 : 8) * 60_000);

/** Which points of a matrix are killed at: the `first`, counted from 1, and each `every` points after it. */
export interface Sample {
  readonly every: number;
  readonly first: number;
}

/**
 * All points in a campaign; else each `usual` points, fewer where programs start slowly, from another one each day, so
 * that some days meet them all. Of a matrix with `least` points, one at least.
 */
export function sampleOfToday(usual: number, least: number): Sample {
  const every = campaign ? 1 : Math.min(deadline(usual), least);
  return { every, first: 1 + (Math.floor(Date.now() / 86_400_000) % every) };
}

/** How many points that is, of so many. */
export function sampled({ every, first }: Sample, points: number): number {
  return Math.ceil((points - first + 1) / every);
}
