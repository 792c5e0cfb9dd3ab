import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { hasAll } from '../../src/backup/arrival.ts';
import type { Copy } from '../../src/backup/copy.ts';
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
