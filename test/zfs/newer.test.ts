import { expect, test } from 'vitest';
import { listOrigins, listPoints, readPoints } from '../../src/zfs/newer.ts';
import { recordedRun } from '../host/recording.ts';
import { scripted } from '../host/scripted.ts';
import { asLines } from './printed.ts';

const web = 'zroot/jails/web';
const lines = (rows: readonly string[]): string =>
  rows.map((row) => `${row.replaceAll(' ', '\t')}\n`).join('');

const id = '01K7A0000000000000000000A1';
const properties = ['createtxg', 'creation', 'userrefs', 'jtx:tx', 'jtx:backup'];
const text = asLines(properties, {
  [web]: { createtxg: '8', creation: '1760000000' },
  [`${web}@late`]: { createtxg: '40', creation: '1760000400', userrefs: '2', 'jtx:tx': [id, 'inherited'] },
  [`${web}#mark`]: { createtxg: '30', creation: '1760000300', 'jtx:tx': [id, 'local'] },
  [`${web}/data@late`]: {
    createtxg: '17',
    creation: '1760000170',
    userrefs: '0',
    'jtx:tx': [id, 'local'],
  },
});
/** What is read of a text. */
const read = (printed: string): ReturnType<typeof readPoints> => readPoints(printed.split('\n'));

test('snapshots and bookmarks in the order in which they were made', () => {
  expect(read(text)).toEqual([
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
  const [point] = read(asLines(['jtx:backup'], { [web + name]: { 'jtx:backup': [id, source] } }));
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
      return [`${name}\tcreatetxg\t-\t${txg}`, `${name}\tuserrefs\t-\t${holds}`];
    });
  expect(readPoints(printed).map(({ name, txg }) => [name, txg])).toEqual([
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
  const [point] = read(`${web}/a b@c d\tcreatetxg\t-\t5\n`);
  expect(point).toMatchObject({ name: `${web}/a b@c d`, dataset: `${web}/a b`, txg: 5 });
});

test.each(['', '\n', `${web}\tcreatetxg\t-\t8\n`, `${web}@s\n`, 'no datasets available\n'])(
  '%j has none',
  (printed) => {
    expect(read(printed)).toEqual([]);
  },
);

test('a tree takes one process, and two with an old zfs(8)', async () => {
  const asked = '-o name,property,source,value type,createtxg,creation,userrefs,jtx:tx,jtx:backup,type';
  const withTypes = `zfs get -Hp -r -t snapshot,bookmark ${asked} ${web}`;
  const plain = `zfs get -Hp -r ${asked} ${web}`;
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

test('of bookmarks those that backups made as their bases are theirs, by their names', () => {
  const own = [`jtx-to-nas-${id}`, `jtx-to-off-site-${id}-part`];
  const others = ['sent', 'jtx-to-nas', `jtx-to-nas-${id}x`, `x-jtx-to-nas-${id}`, `jtx-backup-${id}`];
  const bookmarks = [...own, ...others].map((name) => [`${web}#${name}`, { createtxg: '8' }]);
  const found = read(asLines(['createtxg', 'jtx:tx', 'jtx:backup'], Object.fromEntries(bookmarks))).filter(
    ({ ofBackup }) => ofBackup,
  );
  expect(found.map(({ name }) => name)).toEqual(own.map((name) => `${web}#${name}`));
});
