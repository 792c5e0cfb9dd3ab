import { InvalidArgumentError } from 'commander';

const units = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Reads `10m`; gives milliseconds. Throws commander's `InvalidArgumentError`. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined)
    throw new InvalidArgumentError('It must be a number with s, m, h or d, such as 10m.');
  return Number(count) * (units.get(unit) ?? 1000);
}
