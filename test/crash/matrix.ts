import { expect } from 'vitest';
import { inLab } from './in-lab.ts';
import { sampled, sampleOfToday } from './sample.ts';

interface Matrix {
  points: number;
  killed: number;
  violations: string[];
}

/**
 * Runs a program of the lab that kills at the points of a scenario, of which there are `least` at least, each `usual` of
 * them on a day, and requires that nothing was violated.
 */
export async function expectMatrix(
  program: string,
  scenario: readonly string[],
  usual: number,
  least: number,
): Promise<void> {
  const sample = sampleOfToday(usual, least);
  const { every, first } = sample;
  const found = await inLab<Matrix>(program, ...scenario, String(every), String(first));
  const { points, killed, violations } = found;
  const what = [program, ...scenario].join(' ');
  console.log(`${what}: killed at ${killed} of ${points} points, ${violations.length} violations`);
  expect(violations).toEqual([]);
  expect(points).toBeGreaterThanOrEqual(least);
  expect(killed).toBe(sampled(sample, points));
}
