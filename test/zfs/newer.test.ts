import { expect, test } from 'vitest';
import { listOrigins, listPoints, parsePoints } from '../../src/zfs/newer.ts';
import { recordedRun } from '../host/recording.ts';
import { scripted } from '../host/scripted.ts';

const web = 'zroot/jails/web';
const lines = (rows: readonly string[]): string =>
  rows.map((row) => `${row.replaceAll(' ', '\t')}\n`).join('');

const text = lines([
  `${web} createtxg 8`,
  `${web} creation 1760000000`,
  `${web} userrefs -`,
  `${web}@late createtxg 40`,
  `${web}@late creation 1760000400`,
  `${web}@late userrefs 2`,
  `${web}#mark createtxg 30`,
  `${web}#mark creation 1760000300`,
  `${web}#mark userrefs -`,
  `${web}/data@late createtxg 17`,
  `${web}/data@late creation 1760000170`,
  `${web}/data@late userrefs 0`,
  `${web}/data@late jtx:tx 01K7A0000000000000000000A1 local`,
  `${web}@late jtx:tx 01K7A0000000000000000000A1 inherited`,
  `${web}#mark jtx:tx 01K7A0000000000000000000A1 local`,
]);

test('snapshots and bookmarks in the order in which they were made', () => {
  expect(parsePoints(text)).toEqual([
    {
      name: `${web}/data@late`,
      dataset: `${web}/data`,
      txg: 17,
      creation: 1_760_000_170,
      bookmark: false,
      holds: 0,
      own: true,
      ofBackup: false,
    },
    {
      name: `${web}#mark`,
      dataset: web,
      txg: 30,
      creation: 1_760_000_300,
      bookmark: true,
      holds: 0,
      own: false,
      ofBackup: false,
    },
    {
      name: `${web}@late`,
      dataset: web,
      txg: 40,
      creation: 1_760_000_400,
      bookmark: false,
      holds: 2,
      own: false,
      ofBackup: false,
    },
  ]);
});

test.each([
  ['its own', '@jtx-backup-01K7A0000000000000000000A1', 'local', true],
  ['the property from above', '@jtx-backup-01K7A0000000000000000000A1', 'inherited', false],
  ['the name of another', '@jtx-backup-01K7A0000000000000000000A2', 'local', false],
  ['a bookmark', '#jtx-backup-01K7A0000000000000000000A1', 'local', false],
])('a backup is known by name and property together: %s', (_, name, source, ofBackup) => {
  const [point] = parsePoints(lines([`${web}${name} jtx:backup 01K7A0000000000000000000A1 ${source}`]));
  expect(point?.ofBackup).toBe(ofBackup);
});

test('those of one transaction group stay in the order in which zfs(8) names them', () => {
  const { output } = recordedRun(
    'set-aside-diff-jail-e',
    'zfs list -Hp -t snapshot -o name,guid,createtxg,used,userrefs,jtx:tx -r zroot/jails/sa',
  );
  const printed = output
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const [name, , txg, , holds] = line.split('\t');
      return [`${name}\tcreatetxg\t${txg}`, `${name}\tuserrefs\t${holds}`];
    });
  expect(parsePoints(printed.join('\n')).map(({ name, txg }) => [name, txg])).toEqual([
    ['zroot/jails/sa@S', 17],
    ['zroot/jails/sa/data@S', 17],
    ['zroot/jails/sa/log@S', 17],
    ['zroot/jails/sa@S2', 31],
    ['zroot/jails/sa@P', 36],
    ['zroot/jails/sa/data@P', 36],
    ['zroot/jails/sa/log@P', 36],
  ]);
});

test('a name with a space is one name', () => {
  const [point] = parsePoints(`${web}/a b@c d\tcreatetxg\t5\n`);
  expect(point).toMatchObject({ name: `${web}/a b@c d`, dataset: `${web}/a b`, txg: 5 });
});

test.each(['', '\n', `${web}\tcreatetxg\t8\n`, `${web}@s\n`, 'no datasets available\n'])(
  '%j has none',
  (printed) => {
    expect(parsePoints(printed)).toEqual([]);
  },
);

test('a tree takes one process, and two with an old zfs(8)', async () => {
  const withTypes = `zfs get -Hp -r -t snapshot,bookmark -o name,property,value,source createtxg,creation,userrefs,jtx:tx,jtx:backup ${web}`;
  const plain = `zfs get -Hp -r -o name,property,value,source createtxg,creation,userrefs,jtx:tx,jtx:backup ${web}`;
  const now = scripted({ zfs: { stdout: text } });
  expect(await listPoints(now.run, web)).toHaveLength(3);
  expect(now.calls).toEqual([withTypes]);
  const old = scripted({
    'zfs get -Hp -r -t': { status: 2, stderr: "invalid type 'bookmark'\n" },
    'zfs get -Hp -r -o': { stdout: text },
  });
  expect(await listPoints(old.run, web)).toHaveLength(3);
  expect(old.calls).toEqual([withTypes, plain]);
});

test('that they cannot be read is told: none is not the same', async () => {
  const { run } = scripted({ zfs: { status: 1, stderr: `cannot open '${web}': dataset does not exist\n` } });
  await expect(listPoints(run, web)).rejects.toThrow('does not exist');
  await expect(listOrigins(run, 'zroot')).rejects.toThrow('does not exist');
});

test('what is a clone of what', async () => {
  const stdout = lines(['zroot -', `${web} -`, `zroot/test ${web}@late`, `zroot/volume ${web}/data@late`]);
  const { run, calls } = scripted({ zfs: { stdout } });
  expect([...(await listOrigins(run, 'zroot'))]).toEqual([
    ['zroot/test', `${web}@late`],
    ['zroot/volume', `${web}/data@late`],
  ]);
  expect(calls).toEqual(['zfs list -H -r -t filesystem,volume -o name,origin zroot']);
});

test('a tree with more snapshots than a command usually may print is listed whole', async () => {
  let kept = 0;
  await listPoints(async (command, { atMost = 0 } = {}) => {
    kept = atMost;
    return { command, status: 0, stdout: '', stderr: '', hung: false };
  }, web);
  // Twenty datasets with two thousand snapshots each, five lines of a hundred characters a snapshot.
  expect(kept).toBeGreaterThan(20 * 2000 * 5 * 100);
});

test('lines of another tree, which root in a jail can have printed, are no snapshots of it', async () => {
  const own = `${web}/data\tjtx:tx\tx`;
  const forged = ['createtxg\t99', 'jtx:tx\t01K7A0000000000000000000A1\tlocal'].map(
    (told) => `zroot/jails/other@jtx-01K7A0000000000000000000A1\t${told}`,
  );
  const stdout = `${web}@late\tcreatetxg\t40\t-\n${own}\n${forged.join('\n')}\n`;
  const points = await listPoints(
    async (command) => ({ command, status: 0, stdout, stderr: '', hung: false }),
    web,
  );
  expect(points.map(({ name }) => name)).toEqual([`${web}@late`]);
});

test('of bookmarks those that backups made as their bases are theirs, by their names', () => {
  const id = '01K7A0000000000000000000B1';
  const own = [`jtx-to-nas-${id}`, `jtx-to-off-site-${id}-part`];
  const others = ['sent', 'jtx-to-nas', `jtx-to-nas-${id}x`, `x-jtx-to-nas-${id}`, `jtx-backup-${id}`];
  const text = lines([...own, ...others].map((name) => `${web}#${name} createtxg 8`));
  const found = parsePoints(text).filter(({ ofBackup }) => ofBackup);
  expect(found.map(({ name }) => name)).toEqual(own.map((name) => `${web}#${name}`));
});
