import { spawnSync } from 'node:child_process';

/** Two commands, timed in turn. */
export interface Pair {
  name: string;
  /** What the ratio should stay under; null where it is only told. */
  limit: number | null;
  command: readonly [string, ...string[]];
  against: readonly [string, ...string[]];
  rounds: number;
  /** Done before every run, and not timed. */
  reset(): void;
}

/** What was measured: medians in milliseconds, and the median of the ratios of each pair. */
export interface Measured {
  name: string;
  ratio: number;
  limit: number | null;
  milliseconds: number;
  against: number;
}

/** Times both commands of a pair in turn, A B A B, after one round that is not counted. */
export function measure(pair: Pair): Measured {
  const rounds: { mine: number; theirs: number }[] = [];
  for (let round = 0; round <= pair.rounds; round += 1) {
    const times = { mine: time(pair, pair.command), theirs: time(pair, pair.against) };
    if (round > 0) rounds.push(times);
  }
  return {
    name: pair.name,
    ratio: median(rounds.map(({ mine, theirs }) => mine / theirs)),
    limit: pair.limit,
    milliseconds: median(rounds.map(({ mine }) => mine)),
    against: median(rounds.map(({ theirs }) => theirs)),
  };
}

function time(pair: Pair, [program, ...args]: readonly [string, ...string[]]): number {
  pair.reset();
  const started = process.hrtime.bigint();
  const ended = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  const taken = Number(process.hrtime.bigint() - started) / 1e6;
  if (ended.status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${ended.status}: ${ended.stderr}`);
  return taken;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}
