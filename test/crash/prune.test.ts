import { it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { expectMatrix } from './matrix.ts';

it('killed at the points of a prune, every backup that is left is whole, and the next prune completes it', {
  timeout: deadline(15 * 60_000),
  retry: 0,
}, async () => {
  await expectMatrix('prune-matrix', [], 8, 20);
});
