import { expect, test } from 'vitest';
import { datasetName, outermost, poolOf, snapshotName, splitSnapshot } from '../../src/zfs/names.ts';

test('the parts of names', () => {
  expect(snapshotName('01KAV3')).toBe('jtx-01KAV3');
  expect(splitSnapshot('zroot/jails/pg@jtx-01')).toEqual({ dataset: 'zroot/jails/pg', snapshot: 'jtx-01' });
  expect(poolOf('zroot/jails/pg')).toBe('zroot');
  expect(poolOf('zroot')).toBe('zroot');
});

test('those that lie in no other', () => {
  expect(outermost(['z/a/b', 'z/a', 'z/a', 'z/ab', 'y/a'])).toEqual(['z/a', 'z/ab', 'y/a']);
  expect(outermost([])).toEqual([]);
});

test.each(['zroot', 'zroot/jails/pg', 'z-1.a:b_c/with space/x.aside', 'tank/1'])(
  '%s is a dataset',
  (name) => {
    expect(datasetName(name)).toBe(name);
  },
);

test.each([
  '',
  '-r',
  '/jails/pg',
  'zroot/',
  'zroot//a',
  'zroot@s',
  'zroot/a@s',
  'zroot/a#b',
  'a\nb',
  'zroot/ä',
])('%j is none', (name) => {
  expect(() => datasetName(name)).toThrow(expect.objectContaining({ code: 'dataset-name' }));
});
