import { expect, test } from 'vitest';
import type { TransactionRow } from '../../src/journal/rows.ts';
import { endingOf } from '../../src/transaction/ending.ts';
import { keptAside, keptSnapshot } from '../../src/transaction/kept.ts';
import { sampleRow } from '../journal/sample-row.ts';

const id = '01K0000000000000000000000A';
const dataset = 'z/web';
const snapshot = `jtx-${id}`;
const own = `${dataset}@${snapshot}`;
const beside = `${dataset}.aside-${id}`;
const clone = `${dataset}.rehearsal-${id}`;
const nothing = { code: null, message: null, hint: null };

const cases: [string, Partial<TransactionRow>, string | null, string | null][] = [
  ['under way', { state: 'open', settled: false }, own, null],
  ['committed', {}, own, null],
  ['committed on trial', { confirmBy: 1 }, own, null],
  ['undone', { undoneBy: 'later' }, null, null],
  ['stuck', { state: 'stuck', settled: false }, own, null],
  ['stuck, left as it is', { state: 'stuck' }, own, null],
  ['stuck before it had a snapshot', { state: 'stuck', snapshot: null }, null, null],
  ['rolled back in place', { state: 'rolled-back' }, null, null],
  ['rolled back by setting aside', { state: 'rolled-back', aside: beside }, own, beside],
  ['a rehearsal that failed and is kept', { state: 'rolled-back', aside: clone }, null, clone],
  ['unchanged', { state: 'unchanged' }, null, null],
  ['refused', { state: 'refused' }, null, null],
  ['a rollback', { verb: 'rollback', aside: beside }, null, beside],
  ['a rollback that is stuck', { verb: 'rollback', state: 'stuck', aside: beside }, null, beside],
  ['let go by the retention', { snapshotGone: 1 }, null, null],
  ['stuck, left as it is, and let go', { state: 'stuck', snapshotGone: 1 }, null, null],
  [
    'rolled back, and what was set aside is gone',
    { state: 'rolled-back', aside: beside, asideGone: 1 },
    null,
    null,
  ],
  [
    'a rollback of which what was set aside is gone',
    { verb: 'rollback', aside: beside, asideGone: 1 },
    null,
    null,
  ],
  ['a drop', { verb: 'drop', snapshot: null, aside: beside }, null, null],
];

const sample = sampleRow({ id, dataset, snapshot, settled: true, undoneBy: null });

test.each(cases)('of one that is %s', (_, over, kept, aside) => {
  const row = { ...sample, ...over };
  expect([keptSnapshot(row), keptAside(row)]).toEqual([kept, aside]);
  // What recovery tells of it is the same.
  if (row.state === 'open') return;
  const ending = endingOf({ ...row, state: 'open' }, row.state, nothing, []);
  expect([ending.snapshot, ending.aside]).toEqual([kept, aside]);
});
