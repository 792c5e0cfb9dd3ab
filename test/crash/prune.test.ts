import { it } from 'vitest';
import { expectMatrix } from './matrix.ts';
import { matrixDeadline } from './sample.ts';

it('killed at the points of a prune, every backup that is left is whole, and the next prune completes it', {
  timeout: matrixDeadline,
  retry: 0,
}, async () => {
  await expectMatrix('prune-matrix', [], 8, 20);
});
