import { describe, it } from 'vitest';
import { expectMatrix } from './matrix.ts';
import { killedToday, matrixDeadline } from './sample.ts';

describe('killed at the points of a restore', { timeout: matrixDeadline, retry: 0 }, () => {
  it.each(killedToday(['place', 'beside', 'drill']))(
    '%s is put right, and nothing is left',
    async (scenario) => {
      await expectMatrix('restore-matrix', [scenario], 64, 100);
    },
  );
});
