import { expect, it } from 'vitest';
import type { Copy } from '../../src/backup/copy.ts';
import { keyLocations, sealTree } from '../../src/backup/restored-tree.ts';
import type { Property } from '../../src/zfs/properties.ts';
import { scripted } from '../host/scripted.ts';
import { copy } from './stored.ts';

const place = { tree: 'p/jails/web.restore-X/tree', dataset: 'p/jails/web', root: '/jails/web' };
const members = [
  {
    copy: copy([1], {
      properties: [
        ['quota', '20971520'],
        ['compression', 'zstd'],
      ],
    }),
    point: { snapshot: 's', guid: '1' },
  },
];
const small = "cannot set property for 'p/x': size is less than current used or reserved space\n";

it('a tree that is larger than its quota, with the earlier states that its streams have brought, is restored without', async () => {
  const { run, calls } = scripted({ zfs: {}, 'zfs set quota=': { status: 1, stderr: small } });
  const notes = await sealTree(run, members, place);
  expect(notes).toEqual([expect.stringContaining('zfs set quota=20971520 p/jails/web')]);
  expect(calls.filter((call) => call.endsWith(` ${place.tree}`))).toContainEqual(
    expect.stringContaining('compression=zstd'),
  );
  expect(calls.at(-1)).toContain('"sealed":true');
});

it('any other failure of it is one of the restore', async () => {
  const broken = { status: 1, stderr: "cannot set property for 'p/x': permission denied\n" };
  const { run } = scripted({ zfs: {}, 'zfs set quota=': broken });
  await expect(sealTree(run, members, place)).rejects.toThrow('permission denied');
});

/** What is to be set on a child with these properties, and what is told of it. */
async function childOf(
  top: readonly Property[],
  more: Partial<Copy>,
): Promise<{ mark: unknown; notes: string[] }> {
  const { run, calls } = scripted({ zfs: {} });
  const child = copy([1], { path: '/db', name: 'web:db', ...more });
  const point = { snapshot: 's', guid: '1' };
  const notes = await sealTree(
    run,
    [
      { copy: copy([1], { properties: top }), point },
      { copy: child, point },
    ],
    place,
  );
  const mark = calls
    .map((call) => /jtx:aside=(\{.*\}) \S+\/db$/.exec(call)?.[1])
    .findLast((text) => text !== undefined);
  return { mark: JSON.parse(mark ?? '{}').own.mountpoint, notes };
}

it('a mount point outside of the jail is not taken, which is told', async () => {
  const { mark, notes } = await childOf([], { at: undefined, properties: [['mountpoint', '/srv/db']] });
  expect(mark).toBe('none');
  expect(notes).toEqual([expect.stringContaining('p/jails/web/db was mounted at /srv/db')]);
});

it.each([
  ['/db', undefined],
  ['/www/db', '/jails/web/usr/local/www/db'],
])('a place that %s had from above is its own where its parent has not come', async (path, mountpoint) => {
  const { mark } = await childOf([], { path, at: '/usr/local/www/db' });
  expect(mark).toBe(mountpoint);
});

it('what had no place from above has none where its parent has not come', async () => {
  expect(await childOf([], { path: '/www/db', at: undefined })).toEqual({ mark: 'none', notes: [] });
});

it.each<[string, Property[], Property[]]>([
  ['of its own', [], [['jailed', 'on']]],
  ['with what is above it', [['zoned', 'on']], []],
])('one of a dataset that is given to the jail, %s, is for the jail to mount', async (_, top, own) => {
  const properties: Property[] = [['mountpoint', '/db'], ...own];
  expect(await childOf(top, { at: undefined, properties })).toEqual({ mark: '/db', notes: [] });
});

it.each<[string, Record<string, string | undefined>, Record<string, string>]>([
  ['what is below it', { '': 'file:///a', '/db': undefined }, { '': 'file:///a', '/db': 'file:///a' }],
  [
    'nothing that has its own',
    { '': 'file:///a', '/db': 'file:///b' },
    { '': 'file:///a', '/db': 'file:///b' },
  ],
  [
    'nothing below one that is typed',
    { '': 'file:///a', '/db': 'prompt', '/db/x': undefined },
    { '': 'file:///a' },
  ],
  ['nothing above it', { '': undefined, '/db': 'https://h/b' }, { '/db': 'https://h/b' }],
])('the place of a key is that of %s', (_what, own, expected) => {
  const some = Object.entries(own).map(([path, value]) => ({
    copy: copy([1], { path, properties: value === undefined ? [] : [['keylocation', value]] }),
    point: { snapshot: 's', guid: '1' },
  }));
  expect(Object.fromEntries(keyLocations(some))).toEqual(expected);
});
