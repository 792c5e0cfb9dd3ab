import { describe, expect, it } from 'vitest';
import { inLab } from '../crash/in-lab.ts';
import { deadline } from '../lab/deadline.ts';

interface Result {
  sequences: number;
  steps: number;
  reached: number;
  violations: string[];
}

// So many, and with a campaign more; a fifth where programs start slowly; fewer where time is up before.
const asked = Number(process.env['JTX_SEQUENCES'] ?? '20');
const minutes = Number(process.env['JTX_CAMPAIGN_MINUTES'] ?? '0');
const count = Math.ceil((asked + minutes * 20) / deadline(1));
const halves = [1, 2];
const own = Math.ceil(count / halves.length);
const bounded = process.env['JTX_SEQUENCES_UNTIL'] !== undefined;
const seed = Number(process.env['JTX_SEQUENCES_SEED'] ?? 1 + (Date.now() % 1_000_000));

// A violation does not go away by being tried again.
const options = { timeout: deadline(5 * 60_000 + own * 30_000), retry: 0 };

describe.concurrent('random sequences against a model', options, () => {
  it.each(halves)('nothing foreign disappears, and every state can be reached (%i)', async (half) => {
    const first = seed + half * 1_000_000;
    const { sequences, steps, reached, violations } = await inLab<Result>(
      'sequences',
      String(own),
      String(first),
    );
    console.log(
      `${sequences} sequences from seed ${first}: ${steps} steps, ${reached} states reached at the end`,
    );
    expect(violations).toEqual([]);
    expect(sequences).toBeGreaterThanOrEqual(bounded ? Math.min(own, 20) : own);
    // Half of them have a state to go back to in the end; of a few, that may be none.
    if (sequences >= 30) expect(reached).toBeGreaterThan(sequences / 3);
  });
});
