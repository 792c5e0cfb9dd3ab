import { expect, test } from 'vitest';
import { ownProperties, ownPropertiesOfExisting, parseOwn } from '../../src/zfs/own-properties.ts';
import { inheritProperty, setProperties, settings } from '../../src/zfs/properties.ts';
import { recordedRun } from '../host/recording.ts';
import { scripted } from '../host/scripted.ts';
import { asOwn, valueLast } from './printed.ts';

const jail = 'zroot/jails/web';
/** What is read of one that has this of its own. */
const own = (name: string, value: string): unknown =>
  parseOwn(asOwn({ [jail]: { [name]: value } }), [jail])?.get(jail);

test.each(['quota', 'refquota', 'reservation', 'refreservation', 'filesystem_limit', 'snapshot_limit'])(
  'no %s is a word for zfs(8), and a number where it prints it',
  (name) => {
    for (const value of ['0', '18446744073709551615']) expect(own(name, value)).toEqual([[name, 'none']]);
    expect(own(name, '524288000')).toEqual([[name, '524288000']]);
  },
);

test.each([
  ['copies', '0'],
  ['org.x:quota', '0'],
  ['special_small_blocks', '0'],
])('a 0 of %s stays', (name, value) => {
  expect(own(name, value)).toEqual([[name, value]]);
});

test('the own properties of several datasets, whatever is in their values', () => {
  const text = asOwn({
    [jail]: {
      compression: ['lz4', 'received'],
      atime: ['off', 'inherited from zroot'],
      'org.x:note': `a\tb = c\n\n\td\n${jail}x\ttype\tlocal\te\n`,
    },
    [`${jail}/data`]: { mountpoint: '/jails/web/with space', 'org.x:empty': '' },
  });
  expect([...(parseOwn(text, [jail, `${jail}/data`]) ?? [])]).toEqual([
    [
      jail,
      [
        ['compression', 'lz4'],
        ['org.x:note', `a\tb = c\n\n\td\n${jail}x\ttype\tlocal\te\n`],
      ],
    ],
    [
      `${jail}/data`,
      [
        ['mountpoint', '/jails/web/with space'],
        ['org.x:empty', ''],
      ],
    ],
  ]);
});

test('what zfs(8) prints of a clone and its origin, as recorded', () => {
  const { output } = recordedRun(
    'set-aside-diff-jail-e',
    'zfs get -H -o name,property,value,source org.a:x,compression,quota zroot/jails/sa zroot/jails/sa.aside',
  );
  expect([
    ...(parseOwn(valueLast(output).join('\n'), ['zroot/jails/sa', 'zroot/jails/sa.aside']) ?? []),
  ]).toEqual([
    ['zroot/jails/sa', []],
    [
      'zroot/jails/sa.aside',
      [
        ['org.a:x', '1'],
        ['compression', 'lz4'],
        ['quota', '500M'],
      ],
    ],
  ]);
});

test('they are read in one process, and of none in no process', async () => {
  const stdout = asOwn({ [jail]: { quota: '0' }, [`${jail}/data`]: {} });
  const { run, calls } = scripted({ zfs: { stdout } });
  expect([...(await ownProperties(run, [jail, `${jail}/data`]))]).toEqual([
    [jail, [['quota', 'none']]],
    [`${jail}/data`, []],
  ]);
  expect(calls).toEqual([`zfs get -Hp -o name,property,source,value all ${jail} ${jail}/data`]);
  expect((await ownProperties(run, [])).size).toBe(0);
  expect(calls).toHaveLength(1);
});

test('they are read of those that there are, and any other failure is one', async () => {
  const gone = `cannot open '${jail}/gone': dataset does not exist\n`;
  const stdout = asOwn({ [jail]: { quota: '0' }, [`${jail}/data`]: {} });
  const answer = { status: 1, stdout, stderr: gone };
  const asked = [jail, `${jail}/data`, `${jail}/gone`];
  const found = await ownPropertiesOfExisting(scripted({ zfs: answer }).run, asked);
  expect([...found.own]).toEqual([
    [jail, [['quota', 'none']]],
    [`${jail}/data`, []],
  ]);
  expect(found.unreadable.size).toBe(0);
  for (const stderr of ['the pool is suspended\n', `${gone}the pool is suspended\n`])
    await expect(
      ownPropertiesOfExisting(scripted({ zfs: { ...answer, stderr } }).run, asked),
    ).rejects.toMatchObject({ code: 'command-failed' });
});

const wanted = [
  ['quota', 'none'],
  ['org.x:note', 'a b'],
  ['readonly', 'on'],
] as const;
const together = `zfs set quota=none org.x:note=a b readonly=on ${jail}`;

test('they are set together, and none in no process', async () => {
  const { run, calls, options } = scripted({ 'zfs set': {} });
  await setProperties(run, jail, wanted);
  await setProperties(run, jail, []);
  expect(calls).toEqual([together]);
  expect(options).toEqual([{ changes: true }]);
  expect(settings(wanted)).toEqual(['quota=none', 'org.x:note=a b', 'readonly=on']);
});

test('by an old zfs(8) one after the other, and no further than the first that fails', async () => {
  const { run, calls, options } = scripted({
    'zfs set': [
      { status: 1, stderr: "cannot open 'org.x:note=a b': invalid dataset name\n" },
      {},
      { status: 1, stderr: `cannot set property for '${jail}': permission denied\n` },
    ],
  });
  await expect(setProperties(run, jail, wanted)).rejects.toThrow('permission denied');
  expect(calls).toEqual([together, `zfs set quota=none ${jail}`, `zfs set org.x:note=a b ${jail}`]);
  expect(options).toEqual([{ changes: true }, { changes: true }, { changes: true }]);
});

test('one is inherited again', async () => {
  const { run, calls, options } = scripted({ zfs: {} });
  await inheritProperty(run, jail, 'jtx:aside');
  expect(calls).toEqual([`zfs inherit jtx:aside ${jail}`]);
  expect(options).toEqual([{ changes: true }]);
  const denied = scripted({ zfs: { status: 1, stderr: 'permission denied\n' } });
  await expect(inheritProperty(denied.run, jail, 'readonly')).rejects.toThrow('permission denied');
});
