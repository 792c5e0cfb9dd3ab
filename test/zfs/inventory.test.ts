import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { JtxError } from '../../src/error.ts';
import { listInventory, listInventoryIfThere, readInventory } from '../../src/zfs/inventory.ts';
import { scripted } from '../host/scripted.ts';
import { asLines, valueLast } from './printed.ts';

const recording = (zfs: 'fuse' | 'openzfs'): string[] =>
  valueLast(readFileSync(new URL(`../fixtures/zfs/inventory-${zfs}.txt`, import.meta.url), 'utf8'));

describe.each(['fuse', 'openzfs'] as const)('what is there, by %s', (zfs) => {
  const inventory = readInventory(recording(zfs));
  const modern = zfs === 'openzfs';

  it('every dataset with what is its own and what is from above', () => {
    const volumes = modern ? ['zroot/jails/web/vol'] : [];
    const names = ['zroot/jails/web', 'zroot/jails/web/a b', ...volumes, 'zroot/jails/web/www'];
    expect([...inventory.keys()]).toEqual(names);
    expect(inventory.get('zroot/jails/web')).toMatchObject({
      volume: false,
      mountpoint: '/jails/web',
      mounted: true,
      encryptionRoot: undefined,
      token: undefined,
      backup: undefined,
      backupOf: '{"v":1,"jail":"a b"}',
    });
    expect(inventory.get('zroot/jails/web/www')).toMatchObject({ backup: 'off', backupOf: undefined });
    expect(inventory.get('zroot/jails/web/vol')?.volume).toBe(modern ? true : undefined);
  });

  it('what was written, where zfs can tell', () => {
    expect(inventory.get('zroot/jails/web/a b')?.written).toBe(modern ? 0 : undefined);
    expect(inventory.get('zroot/jails/web')?.written).toBe(modern ? 18_432 : undefined);
  });

  it('every snapshot and bookmark, with its holds', () => {
    const points = inventory.get('zroot/jails/web')?.points ?? [];
    expect(points.map(({ name, bookmark, holds }) => [name, bookmark, holds])).toEqual([
      ['s1', false, 1],
      ...(modern ? [['jtx-to-one-01M88PE48RAMTMC5PD5KPP538E', true, 0]] : []),
    ]);
    expect(new Set(points.map(({ guid }) => guid)).size).toBe(1);
    expect(inventory.get('zroot/jails/web/a b')?.points).toMatchObject([{ name: 'two', holds: 0 }]);
  });
});

it('points are in the order in which they were made', () => {
  const text = asLines(['createtxg'], {
    a: {},
    'a@late': { createtxg: '100' },
    'a@early': { createtxg: '9' },
    'a@middle': { createtxg: '10' },
  });
  expect(
    readInventory(text.split('\n'))
      .get('a')
      ?.points.map(({ name }) => name),
  ).toEqual(['early', 'middle', 'late']);
});

it('what is encrypted, and which dataset has its key', () => {
  const text = asLines(['encryptionroot'], {
    a: {},
    'a/b': { encryptionroot: 'a/b' },
    'a/b/c': { encryptionroot: 'a/b' },
  });
  const found = readInventory(text.split('\n'));
  const roots = [...found.values()].map(({ encryptionRoot }) => encryptionRoot);
  expect(roots).toEqual([undefined, 'a/b', 'a/b']);
});

it.each([
  ['local', '{"v":1}'],
  ['received', '{"v":1}'],
  ['inherited from a', undefined],
])('what a copy says of itself is its own, set here or come with it: %s', (source, own) => {
  const text = asLines(['jtx:backup-of'], { 'a/b': { 'jtx:backup-of': ['{"v":1}', source] } });
  const found = readInventory(text.split('\n'));
  expect(found.get('a/b')?.backupOf).toBe(own);
});

it('of a point whose dataset is not listed nothing is made', () => {
  expect([...readInventory(['a@x\ttype\t-\tsnapshot']).keys()]).toEqual([]);
});

const natives = ['guid', 'createtxg', 'mounted', 'userrefs', 'origin'];
const newer = ['written', 'encryptionroot', 'receive_resume_token', 'clones'];
const texts = ['mountpoint', 'jtx:tx', 'jtx:backup', 'jtx:backup-of'];

it('one process, or two where zfs is old', async () => {
  const stdout = (properties: readonly string[]): string =>
    asLines(properties, { zroot: {}, 'zroot/a b': {}, 'zroot@x': {} });
  const modern = scripted({ 'zfs get': { stdout: stdout([...natives, ...newer, ...texts]) } });
  expect((await listInventory(modern.run, ['zroot'])).size).toBe(2);
  expect(modern.calls).toHaveLength(1);
  const old = scripted({
    'zfs get -Hp -r -t': { status: 2, stderr: "invalid option 't'\n" },
    'zfs get -Hp -r -o': { stdout: stdout([...natives, ...texts]) },
  });
  expect((await listInventory(old.run, ['zroot'])).size).toBe(2);
  expect(old.calls).toHaveLength(2);
  const none = scripted({});
  expect((await listInventory(none.run, [])).size).toBe(0);
});

it('a failure is one, and no empty list', async () => {
  const stderr = "cannot open 'zroot': dataset does not exist\n";
  const gone = scripted({ 'zfs get': { status: 1, stderr } });
  await expect(listInventory(gone.run, ['zroot'])).rejects.toThrow(JtxError);
});

it('a tree that is not there is nothing, whatever else is said before that; one in it that has gone is a failure', async () => {
  const said = (name: string): ReturnType<typeof scripted> => {
    const stderr = `Authorized use only.\nWhat does not exist is not for you.\ncannot open '${name}': dataset does not exist\n`;
    return scripted({ 'zfs get': { status: 1, stderr } });
  };
  expect(await listInventoryIfThere(said('zroot/web').run, 'zroot/web')).toEqual(new Map());
  await expect(listInventoryIfThere(said('zroot/web/x').run, 'zroot/web')).rejects.toThrow(JtxError);
});
