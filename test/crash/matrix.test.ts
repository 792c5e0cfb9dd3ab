import { describe, it } from 'vitest';
import { expectMatrix } from './matrix.ts';
import { killedToday, matrixDeadline } from './sample.ts';

describe.concurrent('killed at the points of a run', { timeout: matrixDeadline, retry: 0 }, () => {
  const scenarios: [string, number][] = [
    ['install', 100],
    ['failing install', 100],
    ['kept failure', 100],
    ['running jail', 100],
    ['rehearsal', 100],
    ['upgrade', 100],
    ['rollback', 100],
    ['rollback in place', 40],
    ['undo', 100],
    ['drop', 20],
    ['recovery', 40],
  ];
  it.each(killedToday(scenarios))('%s leaves the jail as before or committed', async (scenario, least) => {
    await expectMatrix('crash-matrix', [scenario], 64, least);
  });
});
