import { expect, test } from 'vitest';
import type { Run } from '../../src/host/run.ts';
import { ownProperties, ownPropertiesOfExisting } from '../../src/zfs/own-properties.ts';
import { inheritProperty, parseProperties, setProperties, settings } from '../../src/zfs/properties.ts';
import { recordedRun } from '../host/recording.ts';
import { scripted } from '../host/scripted.ts';

const jail = 'zroot/jails/web';

test.each(['quota', 'refquota', 'reservation', 'refreservation', 'filesystem_limit', 'snapshot_limit'])(
  'no %s is a word for zfs(8), and a number where it prints it',
  (name) => {
    for (const value of ['0', '18446744073709551615'])
      expect(parseProperties(`${jail}\t${name}\t${value}`).get(jail)).toEqual([[name, 'none']]);
    expect(parseProperties(`${jail}\t${name}\t524288000`).get(jail)).toEqual([[name, '524288000']]);
  },
);

test.each([
  ['copies', '0'],
  ['org.x:quota', '0'],
  ['special_small_blocks', '0'],
])('a 0 of %s stays', (name, value) => {
  expect(parseProperties(`${jail}\t${name}\t${value}`).get(jail)).toEqual([[name, value]]);
});

test('the own properties of several datasets, whatever is in their values', () => {
  const text = [
    `${jail}\tcompression\tlz4`,
    `${jail}\torg.x:note\ta\tb = c`,
    `${jail}/data\torg.x:empty\t`,
    `${jail}/data\tmountpoint\t/jails/web/with space`,
    '',
  ].join('\n');
  expect([...parseProperties(text)]).toEqual([
    [
      jail,
      [
        ['compression', 'lz4'],
        ['org.x:note', 'a\tb = c'],
      ],
    ],
    [
      `${jail}/data`,
      [
        ['org.x:empty', ''],
        ['mountpoint', '/jails/web/with space'],
      ],
    ],
  ]);
});

test('what zfs(8) prints of a clone and its origin, as recorded', () => {
  const { output } = recordedRun(
    'set-aside-diff-jail-e',
    'zfs get -H -o name,property,value,source org.a:x,compression,quota zroot/jails/sa zroot/jails/sa.aside',
  );
  const local = output
    .split('\n')
    .filter((line) => line.endsWith('\tlocal'))
    .map((line) => line.replace(/\tlocal$/, ''));
  expect([...parseProperties(local.join('\n'))]).toEqual([
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
  const { run, calls } = scripted({ zfs: { stdout: `${jail}\tquota\t0\n` } });
  expect([...(await ownProperties(run, [jail, `${jail}/data`]))]).toEqual([[jail, [['quota', 'none']]]]);
  expect(calls).toEqual([`zfs get -Hp -s local,received -o name,property,value all ${jail} ${jail}/data`]);
  expect((await ownProperties(run, [])).size).toBe(0);
  expect(calls).toHaveLength(1);
});

test('they are read of those that there are, and any other failure is one', async () => {
  const gone = `cannot open '${jail}/gone': dataset does not exist\n`;
  const answer = { status: 1, stdout: `${jail}\tquota\t0\n`, stderr: gone };
  const asked = [jail, `${jail}/data`, `${jail}/gone`];
  const found = await ownPropertiesOfExisting(scripted({ zfs: answer }).run, asked);
  expect([...found]).toEqual([
    [jail, [['quota', 'none']]],
    [`${jail}/data`, []],
  ]);
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

test('what a jail prints of the datasets of its host, by a property with a newline, is not theirs', async () => {
  const forged = [
    `${jail}/data\tjailed\ton`,
    `${jail}/data\tx:y\t1`,
    `${jail}\tmountpoint\t/etc`,
    `${jail}\tjailed\ton`,
  ];
  const printed = new Map([
    [jail, [`${jail}\tcompression\tlz4`]],
    [`${jail}/www`, [`${jail}/www\tquota\t1024`]],
    [`${jail}/data`, forged],
    [`${jail}/data/below`, [`${jail}/data/below\tx:z\t2`, `${jail}/www\tmountpoint\t/etc`]],
  ]);
  const asked: string[][] = [];
  const run: Run = async (command) => {
    const names = command.slice(command.indexOf('all') + 1);
    asked.push(names);
    const stdout = names.flatMap((name) => printed.get(name) ?? []).join('\n');
    return { command, status: 0, stdout, stderr: '', hung: false };
  };
  expect(await ownProperties(run, [...printed.keys()])).toEqual(
    new Map([
      [jail, [['compression', 'lz4']]],
      [`${jail}/www`, [['quota', '1024']]],
      [
        `${jail}/data`,
        [
          ['jailed', 'on'],
          ['x:y', '1'],
        ],
      ],
      [`${jail}/data/below`, [['x:z', '2']]],
    ]),
  );
  // The made-up line makes it no worse: whatever may be a jail's is asked for alone.
  expect(asked.slice(1)).toEqual([[`${jail}`], [`${jail}/www`], [`${jail}/data`], [`${jail}/data/below`]]);
  printed.set(`${jail}/data`, [`${jail}/data\tjailed\toff`]).set(`${jail}/data/below`, []);
  asked.length = 0;
  await ownProperties(run, [...printed.keys()]);
  expect(asked).toHaveLength(1);
});
