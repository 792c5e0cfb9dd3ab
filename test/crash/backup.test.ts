import { describe, it } from 'vitest';
import { expectMatrix } from './matrix.ts';
import { matrixDeadline } from './sample.ts';

describe.concurrent('a backup that is killed', { timeout: matrixDeadline, retry: 0 }, () => {
  it.each([
    ['first', 100, 100],
    ['later', 150, 150],
  ])('%s: the next completes, and every backup is what it was', async (scenario, usual, least) => {
    await expectMatrix('backup-matrix', [scenario], usual, least);
  });
});
