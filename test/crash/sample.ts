import { deadline } from '../lab/deadline.ts';

const campaign = process.env['JTX_CAMPAIGN_MINUTES'] !== undefined;
/** The machine is so slow that not all of it can be done in the time that there is. */
const fewer = !campaign && process.env['JTX_LESS'] !== undefined;

/** Milliseconds that the kills of a matrix may take together. */
export const matrixDeadline = deadline((campaign ? 90 : 30) * 60_000);

const today = Math.floor(Date.now() / 86_400_000);

/** The scenarios of a day: all of them, but where programs start slowly a third, another one each day. */
export function scenariosOfToday<T>(all: readonly T[]): T[] {
  return all.filter((_, index) => campaign || deadline(1) === 1 || (index + today) % 3 === 0);
}

/** The same of what kills at many points: a third as well where there is no time for all. */
export function killedToday<T>(all: readonly T[]): T[] {
  return fewer ? all.filter((_, index) => (index + today) % 3 === 0) : scenariosOfToday(all);
}

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
  const every = campaign ? 1 : Math.min(deadline(fewer ? 2 * usual : usual), least);
  return { every, first: 1 + (today % every) };
}

/** How many points that is, of so many. */
export function sampled({ every, first }: Sample, points: number): number {
  return Math.ceil((points - first + 1) / every);
}
