import { describe, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { expectMatrix } from './matrix.ts';

describe.concurrent('a backup that is killed', { timeout: deadline(40 * 60_000), retry: 0 }, () => {
  it.each([
    ['first', 40, 100],
    ['later', 60, 150],
  ])('%s: the next completes, and every backup is what it was', async (scenario, usual, least) => {
    await expectMatrix('backup-matrix', [scenario], usual, least);
  });
});
