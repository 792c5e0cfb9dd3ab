import { mkdirSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { arrivalOf, describeMembers, describing, hasAll } from '../../src/backup/arrival.ts';
import type { Copy } from '../../src/backup/copy.ts';
import type { Property } from '../../src/zfs/properties.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { copy, snapshot, stored, ulid } from './stored.ts';

const points = [snapshot(7), snapshot(8, { written: 0 }), snapshot(9, { written: 0 })];
const web = stored(points);
const www = stored(points, { name: `${web.name}/www` });
const found = {
  name: 'web',
  root: '/jails/web',
  running: undefined,
  configured: true,
  bases: [],
  covers: [],
  unmounted: undefined,
  others: [],
};
const host = hostname();
const top = (...backups: number[]): Copy => copy(backups, { host });
const child = (backups: readonly number[], more: Partial<Copy> = {}): Copy =>
  copy(backups, { name: 'web:www', path: '/www', host, ...more });
const old = (name: string, more: Partial<Copy> = {}): Copy => child([7], { name, path: '/old', ...more });

test.each<[string, Copy[], boolean]>([
  ['all has come', [top(8), child([7, 8])], true],
  ['a child had not changed for the last', [top(7, 8), child([7])], true],
  ['a child has come, and then the jail itself has not', [top(8), child([8, 9])], false],
  [
    'a child was told to be gone, and then the jail itself has not come',
    [top(8), child([8]), old('web:old', { gone: ulid(9) })],
    false,
  ],
  ['a child went with a backup that has come', [top(8), child([8]), old('web:old', { gone: ulid(8) })], true],
  [
    'what is later was put aside',
    [top(8), child([8]), child([9], { name: `web:www.until-${ulid(9)}` })],
    true,
  ],
  [
    "what is later is another host's",
    [top(8), child([8]), old('web:old', { host: 'there', gone: ulid(9) })],
    true,
  ],
  ["what is later is another jail's", [top(8), child([8]), old('x:old', { jail: 'x', gone: ulid(9) })], true],
])('where %s', (_what, copies, all) => {
  expect(hasAll(copies, { jail: found, dataset: web.name, members: [web, www] })).toBe(all);
});

const location = (place: string): Property => ['keylocation', `file:///root/${place}`];
/** What each of these is said to have, where its key is that of another. */
function described(roots: Readonly<Record<string, string>>): Record<string, readonly Property[]> {
  const members = Object.entries(roots).map(([path, encryptionRoot]) =>
    stored(points, { name: web.name + path, encryptionRoot }),
  );
  const whole = { jail: found, dataset: web.name, members };
  const inheriting = new Set(
    members.filter(({ name, encryptionRoot }) => name !== encryptionRoot).map(({ name }) => name),
  );
  const properties = new Map(
    describing([whole]).map((name) => [name, inheriting.has(name) ? [] : [location(name)]] as const),
  );
  const secured = { whole, snapshot: `jtx-backup-${ulid(9)}` };
  const arrival = arrivalOf(ulid(9), { modern: true }, secured, { properties, mounts: [] });
  return Object.fromEntries(arrival.members.map(({ description: { path, properties: has } }) => [path, has]));
}

test.each<[string, Record<string, string>, Record<string, readonly Property[]>]>([
  [
    'above the jail',
    { '': 'zroot/jails', '/www': 'zroot/jails' },
    { '': [location('zroot/jails')], '/www': [] },
  ],
  ['the jail itself', { '': web.name, '/www': web.name }, { '': [location(web.name)], '/www': [] }],
  [
    'a child, and not what is above it',
    { '': 'zroot/jails', '/www': `${web.name}/www`, '/www/db': `${web.name}/www` },
    { '': [location('zroot/jails')], '/www': [location(`${web.name}/www`)], '/www/db': [] },
  ],
  [
    'a child that is left out',
    { '': web.name, '/www/db': `${web.name}/www` },
    { '': [location(web.name)], '/www/db': [location(`${web.name}/www`)] },
  ],
])('where %s has the key, it is said once where that lies', (_what, roots, expected) => {
  expect(described(roots)).toEqual(expected);
});

test('of a jail of which nothing is there, as while it is set aside, no target has all', () => {
  expect(hasAll([top(8)], { jail: found, dataset: web.name, members: [] })).toBe(false);
});

/** Below a directory are `home`, `link` to it, and the root of the jail, `home/web`, in which `out` leads to `home`. */
test.each<[string, { mountpoint: string; nodes?: string[] }, string | undefined]>([
  ['where its property says', { mountpoint: 'home/web/data' }, '/data'],
  ['where its property says, behind a symlink of the host', { mountpoint: 'link/web/data' }, '/data'],
  ['elsewhere by its property', { mountpoint: 'home/web2/data' }, undefined],
  ['nowhere', { mountpoint: 'none' }, undefined],
  [
    'behind a symlink of the host, mounted',
    { mountpoint: 'link/web/data', nodes: ['home/web/data'] },
    '/data',
  ],
  ['where the jail has mounted it', { mountpoint: 'data', nodes: ['home/web/var/db'] }, '/var/db'],
  ['where fstab(5) mounts it', { mountpoint: 'legacy', nodes: ['home/web/var/db'] }, '/var/db'],
  ['also elsewhere', { mountpoint: 'mnt', nodes: ['mnt', 'home/web/data'] }, '/data'],
  ['elsewhere than its property says', { mountpoint: 'home/web/data', nodes: ['mnt'] }, undefined],
  [
    'where its property says, and no link of the jail is followed',
    { mountpoint: 'home/web/out/x' },
    '/out/x',
  ],
])('a child that lies %s', (_what, { mountpoint, nodes = [] }, expected) => {
  const top = temporaryDirectory();
  const root = `${top}/home/web`;
  mkdirSync(root, { recursive: true });
  symlinkSync('home', `${top}/link`);
  symlinkSync(`${top}/home`, `${root}/out`);
  const path = /^(none|legacy)$/.test(mountpoint) ? mountpoint : `${top}/${mountpoint}`;
  const data = stored(points, { name: `${web.name}/data`, mountpoint: path });
  const jail = { ...found, root };
  const mounts = [
    { special: web.name, node: root, fstype: 'zfs' },
    ...nodes.map((node) => ({ special: data.name, node: `${top}/${node}`, fstype: 'zfs' })),
  ];
  const properties = new Map([web, data].map(({ name }) => [name, []] as const));
  const whole = { jail, dataset: web.name, members: [web, data] };
  const described = describeMembers(whole, { properties, mounts });
  expect(described.map(({ description: { at } }) => at)).toEqual(['', expected]);
});
