import { describe, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { expectMatrix } from './matrix.ts';

describe('killed at the points of a restore', { timeout: deadline(10 * 60_000), retry: 0 }, () => {
  it.each(['place', 'beside', 'drill'])('%s is put right, and nothing is left', async (scenario) => {
    await expectMatrix('restore-matrix', [scenario], 24, 100);
  });
});
