import { expect, test } from 'vitest';
import type { Run } from '../../src/host/run.ts';
import {
  describeSnapshots,
  destroySnapshots,
  heldByJtx,
  holdSnapshots,
  markSnapshot,
  readSnapshots,
  releaseSnapshots,
  rollbackDataset,
  snapshotTogether,
  taggedAs,
  takeSnapshot,
} from '../../src/zfs/snapshot.ts';
import { recordedRun } from '../host/recording.ts';
import { scripted } from '../host/scripted.ts';
import { asLines, valueLast } from './printed.ts';

const top = 'zroot/jails/pg';

test.each<[string, (run: Run) => Promise<unknown>, string]>([
  [
    'taken, with its properties in the same step',
    (run) => takeSnapshot(run, top, 'jtx-01', { tx: '01', packages: 'a b' }),
    'zfs snapshot -r -o jtx:tx=01 -o jtx:packages=a b zroot/jails/pg@jtx-01',
  ],
  ['held', (run) => holdSnapshots(run, top, 'jtx-01'), 'zfs hold -r jtx zroot/jails/pg@jtx-01'],
  ['released', (run) => releaseSnapshots(run, top, 'jtx-01'), 'zfs release -r jtx zroot/jails/pg@jtx-01'],
  [
    'marked',
    (run) => markSnapshot(run, top, 'jtx-01', 'committed'),
    'zfs set jtx:state=committed zroot/jails/pg@jtx-01',
  ],
  ['destroyed', (run) => destroySnapshots(run, top, 'jtx-01'), 'zfs destroy -r zroot/jails/pg@jtx-01'],
  [
    'rolled back to, never with -r, -R or -f',
    (run) => rollbackDataset(run, top, 'jtx-01'),
    'zfs rollback zroot/jails/pg@jtx-01',
  ],
])('a snapshot is %s', async (_what, act, command) => {
  const { run, calls, options } = scripted({ zfs: {} });
  await act(run);
  expect(calls).toEqual([command]);
  expect(options).toEqual([{ changes: true }]);
  const denied = scripted({ zfs: { status: 1, stderr: 'permission denied\n' } });
  if (command.includes('rollback')) expect(await act(denied.run)).toBe('permission denied');
  else await expect(act(denied.run)).rejects.toThrow('permission denied');
});

test('releasing and destroying twice is fine', async () => {
  const released = {
    status: 1,
    stderr: `cannot release hold from snapshot '${top}@s': no such tag on this dataset\n`,
  };
  await releaseSnapshots(scripted({ zfs: released }).run, top, 's');
  const stderr = 'could not find any snapshots to destroy; check snapshot names.\n';
  await destroySnapshots(scripted({ zfs: { status: 1, stderr } }).run, top, 's');
});

test('marking one that is gone is fine, but not where its dataset, or the pool, is not there', async () => {
  const gone = { status: 1, stderr: `cannot open '${top}@s': dataset does not exist\n` };
  await markSnapshot(scripted({ 'zfs set': gone, 'zfs list': {} }).run, top, 's', 'committed');
  const { run } = scripted({ zfs: gone });
  await expect(markSnapshot(run, top, 's', 'committed')).rejects.toThrow('does not exist');
});

test('a snapshot that somebody holds is not destroyed in silence, as recorded', async () => {
  const { output, status } = recordedRun('snapshot-hold-program', 'zfs destroy zroot/jails/a@x');
  const { run } = scripted({ zfs: { status, stderr: output } });
  await expect(destroySnapshots(run, 'zroot/jails/a', 'x')).rejects.toThrow("it's being held");
});

test('a property that is inherited is not the own of a snapshot, as recorded', () => {
  const { output } = recordedRun(
    'snapshot-hold-program',
    'zfs set org.jtx:state=open zroot/jails/a; zfs get -H -o name,property,value,source -r org.jtx:state zroot/jails/a zroot/jails/b',
  );
  const snapshots = readSnapshots(valueLast(output.replaceAll('org.jtx:', 'jtx:')));
  expect(snapshots.map(({ name }) => name)).toContain('zroot/jails/a@bad name');
  expect(snapshots.every(({ own }) => Object.keys(own).length === 0)).toBe(true);
});

test('what is known of a snapshot', () => {
  const text = asLines(['guid', 'jtx:tx', 'jtx:packages', 'jtx:state', 'jtx:jail'], {
    [`${top}@jtx-01`]: {
      guid: '12489249772025073414',
      'jtx:tx': ['01', 'local'],
      'jtx:packages': ['a b=c', 'local'],
      'jtx:jail': ['pg', `inherited from ${top}`],
    },
  });
  expect(readSnapshots(text.split('\n'))).toEqual([
    { name: `${top}@jtx-01`, guid: '12489249772025073414', own: { tx: '01', packages: 'a b=c' } },
  ]);
});

const told = ['tx', 'jail', 'verb', 'state', 'started', 'packages'].map((name) => `jtx:${name}`);
const described = ['guid', 'userrefs', ...told];

test('snapshots that do not exist are left out, any other failure is told', async () => {
  const stdout = asLines(described, { [`${top}@b`]: { guid: '7' } });
  const stderr = `cannot open '${top}@a': dataset does not exist\n`;
  const { run, calls } = scripted({ zfs: { status: 1, stdout, stderr } });
  expect(await describeSnapshots(run, [`${top}@a`, `${top}@b`])).toEqual([
    { name: `${top}@b`, guid: '7', own: {} },
  ]);
  expect(calls).toHaveLength(1);
  expect(await describeSnapshots(run, [])).toEqual([]);
  expect(calls).toHaveLength(1);
  const denied = scripted({ zfs: { status: 1, stderr: 'permission denied\n' } });
  await expect(describeSnapshots(denied.run, [`${top}@a`])).rejects.toThrow('permission denied');
});

test('of ten thousand snapshots no command line is longer than a kernel takes', async () => {
  const { run, calls } = scripted({ zfs: {} });
  const names = Array.from(
    { length: 10_000 },
    (_, at) => `zroot/jails/some-jail/data@jtx-${String(at).padStart(26, '0')}`,
  );
  await describeSnapshots(run, names);
  expect(
    calls
      .join(' ')
      .split(' ')
      .filter((word) => word.includes('@')),
  ).toEqual(names);
  expect(Math.max(...calls.map((call) => call.length))).toBeLessThan(100_000);
});

test('the snapshots of a pool are one step, also where one is of the pool itself', async () => {
  const { run, calls } = scripted({ zfs: {} });
  const names = ['tank@jtx-01', 'tank/data@jtx-01', 'zroot/web@jtx-01'];
  await snapshotTogether(run, names, [], {});
  expect(calls).toEqual(['zfs snapshot tank@jtx-01 tank/data@jtx-01', 'zfs snapshot zroot/web@jtx-01']);
});

test('a hold of jtx is told from that of another', () => {
  const listed = ['a@x\ttheirs', 'b@x\tjtx', 'b@x\ttheirs'].map((line) => `${line}\tMon Nov 30  8:00 2026\n`);
  expect(taggedAs(listed.join(''), 'jtx')).toEqual(['b@x']);
});

test('whose tag holds a line about another says nothing of that one', async () => {
  const { run, calls } = scripted({
    'zfs holds -H a@x': { stdout: 'a@x\ta\t8:00\nb@x\tjtx\t8:00\n' },
    'zfs holds -H b@x': { stdout: 'b@x\ttheirs\t8:00\n' },
    'zfs holds -H c@x': { stdout: 'c@x\ttheirs\t8:00\nc@x\tjtx\t8:00\n' },
    'zfs holds -H d@x': { status: 2, stderr: 'invalid option\n' },
  });
  expect([...(await heldByJtx(run, ['a@x', 'b@x', 'c@x', 'd@x']))]).toEqual(['c@x', 'd@x']);
  expect(calls).toHaveLength(4);
});
