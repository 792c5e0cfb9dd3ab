import { expect, test } from 'vitest';
import { unlessOld } from '../../src/zfs/old-zfs.ts';
import { scripted } from '../host/scripted.ts';

const refusals = [
  "invalid option 't'",
  "invalid property 'written'",
  "invalid type 'bookmark'",
  'bad property list',
  "cannot open 'readonly=on': invalid dataset name",
];

/** A host whose zfs(8) answers the modern form so, and what its commands were, asked twice. */
async function asked(answer: { status?: number; stderr?: string }): Promise<readonly string[]> {
  const { run, calls } = scripted({ 'zfs get -t': answer, 'zfs get -r': {} });
  for (let time = 0; time < 2; time += 1)
    await unlessOld(
      run,
      () => run(['zfs', 'get', '-t', 'bookmark', 'zroot']),
      () => run(['zfs', 'get', '-r', 'zroot']),
    );
  return calls;
}

const modern = 'zfs get -t bookmark zroot';
const plain = 'zfs get -r zroot';

test.each(refusals)('a zfs(8) that says %s is asked so once, and plainly ever after', async (stderr) => {
  expect(await asked({ status: 2, stderr })).toEqual([modern, plain, plain]);
});

test('one that refuses nothing, or fails otherwise, is no old one', async () => {
  expect(await asked({})).toEqual([modern, modern]);
  expect(await asked({ status: 1, stderr: "cannot open 'zroot': dataset does not exist" })).toEqual([
    modern,
    modern,
  ]);
});
