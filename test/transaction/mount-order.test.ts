import { describe, expect, it } from 'vitest';
import type { Copy, Member as CopyMember } from '../../src/backup/copy.ts';
import { besides, mountable } from '../../src/backup/drill.ts';
import type { Member } from '../../src/journal/rows.ts';
import { exchangeTrees } from '../../src/transaction/exchange.ts';
import { silent } from '../../src/transaction/progress.ts';
import type { TransactionRecord } from '../../src/transaction/record.ts';
import { openRehearsal } from '../../src/transaction/rehearsal.ts';
import { revert } from '../../src/transaction/revert.ts';
import { inCloneOrder, inMountOrder } from '../../src/zfs/dataset.ts';
import { copy } from '../backup/stored.ts';
import { scripted } from '../host/scripted.ts';

// By its name the database comes before what it lies in.
const web = 'zroot/nowhere/web';
const root = '/nowhere/web';
const places: [path: string, at: string][] = [
  ['', ''],
  ['/db', '/var/db/postgres'],
  ['/var', '/var'],
];
const members: Member[] = places.map(([path, at]) => ({
  name: web + path,
  mountpoint: root + at,
  mounted: true,
  reverted: true,
}));
const mount = { mount: { stdout: '{"mount":{"mounted":[]}}' } };

const done = (calls: readonly string[], verb: string): string[] =>
  calls.filter((call) => call.startsWith(`zfs ${verb} `)).map((call) => call.split(' ').at(-1) ?? '');

function listed(mounted: string): string {
  return places
    .map(([path, at]) =>
      [web + path, 'filesystem', '-', root + at, mounted, 'on', 'none', 'none', 'none', 'none', '-'].join(
        '\t',
      ),
    )
    .join('\n');
}

describe('a dataset that lies within another of a later name', () => {
  it('comes after it, and what is mounted elsewhere comes anywhere', () => {
    const names = inMountOrder([...members].reverse()).map(({ name }) => name);
    expect(names).toEqual([web, `${web}/var`, `${web}/db`]);
  });

  it('is unmounted before it and mounted after it when the tree goes back in place', async () => {
    const { run, calls } = scripted({ ...mount, fuser: {}, zfs: { stdout: '"return": "done"' } });
    await revert(run, {
      root,
      members,
      snapshot: 's',
      mounted: [],
      ownSince: undefined,
      packages: undefined,
      progress: silent,
    });
    expect(done(calls, 'unmount')).toEqual([`${web}/db`, `${web}/var`, web]);
    expect(done(calls, 'mount')).toEqual([web, `${web}/var`, `${web}/db`]);
  });

  it('and when it is set aside', async () => {
    const aside = `${web}.aside-01K7A0000000000000000000A2`;
    const snapshots = places.map(([path]) => `${web}${path}@s`).join('\n');
    const { run, calls } = scripted({
      zfs: {},
      'zfs list -H -r -t filesystem,volume': [{ stdout: listed('yes') }, { stdout: listed('no') }],
      'zfs list -H -r -t snapshot': { stdout: snapshots },
    });
    await exchangeTrees(
      run,
      { dataset: web, aside, incoming: { snapshot: 's', tree: aside }, members },
      root,
      silent,
    );
    expect(done(calls, 'unmount')).toEqual([`${web}/db`, `${web}/var`, web]);
    // By which each is mounted already.
    expect(done(calls, 'clone')).toEqual([web, `${web}/var`, `${web}/db`]);
    expect(done(calls, 'mount')).toEqual([web, `${web}/var`, `${web}/db`]);
  });

  it('is cloned after what it belongs to as well', () => {
    const all = [...members, { name: `${web}/db/log`, mountpoint: `${root}/a` }];
    const names = inCloneOrder(all).map(({ name }) => name.slice(web.length));
    expect(names).toEqual(['', '/var', '/db', '/db/log']);
  });

  it('and in a rehearsal', async () => {
    const { run, calls } = scripted({ ...mount, fuser: {}, zfs: {} });
    const id = '01K7A0000000000000000000A3';
    const clone = `${web}.rehearsal-${id}`;
    const record: Pick<TransactionRecord, 'id' | 'run'> = { id, run };
    const datasets = members.map((member) => ({ ...member, volume: false, readonly: false }));
    const jail = {
      name: 'web',
      root,
      running: undefined,
      configured: true,
      bases: [],
      covers: [],
      unmounted: [],
      others: [],
    };
    const rehearsal = await openRehearsal(record as TransactionRecord, {
      jail,
      dataset: web,
      datasets,
      volumes: [],
      mounts: [],
    });
    await rehearsal.end(false);
    expect(done(calls, 'clone')).toEqual([clone, `${clone}/var`, `${clone}/db`]);
    expect(done(calls, 'mount')).toEqual([clone, `${clone}/var`, `${clone}/db`]);
    expect(done(calls, 'unmount')).toEqual([`${clone}/db`, `${clone}/var`, clone]);
  });

  it('and in what is restored for a look', () => {
    const tree = places.map(([path, at]) => ({
      copy: copy([1], { path, at, name: `web${path}` }),
      point: { snapshot: 's', guid: '1' },
    }));
    const volume = { ...tree[1], copy: copy([1], { path: '/disk', at: '/disk', volume: true }) };
    const all = [...tree, { point: { snapshot: 's', guid: '1' }, ...volume }];
    expect(mountable(all, '/look').map(({ path }) => path)).toEqual(['', '/var', '/db']);
    expect(besides(all, '/look')).toEqual([]);
  });

  it('where it has no place in the root, or is not mounted in it, beside that', () => {
    const child = (path: string, more: Partial<Copy>): CopyMember => ({
      copy: copy([1], { path, at: path, name: `web${path}`, ...more }),
      point: { snapshot: 's', guid: '1' },
    });
    const all = [
      child('', {}),
      child('/legacy', { at: undefined }),
      child('/disk', { at: undefined, volume: true }),
      child('/var', { properties: [['canmount', 'off']] }),
      child('/var/log', {}),
    ];
    expect(mountable(all, '/look')).toEqual([
      { path: '', mountpoint: '/look' },
      { path: '/var/log', mountpoint: '/look/var/log' },
    ]);
    expect(besides(all, '/look')).toEqual([
      { path: '/legacy', mountpoint: '/look.beside-0' },
      { path: '/var', mountpoint: '/look.beside-1' },
    ]);
  });
});

it('a jail that comes to an empty place is mounted, also where it is not mounted by itself', async () => {
  const aside = `${web}.aside-01K7A0000000000000000000A2`;
  const own = { canmount: 'noauto' };
  const mark = JSON.stringify({ name: web, mounted: true, own, sealed: true });
  const line = (name: string, value: string): string =>
    [name, 'filesystem', '-', root, 'no', 'noauto', 'none', 'none', 'none', 'none', value].join('\t');
  const { run, calls } = scripted({
    zfs: {},
    'zfs list': [{ stdout: line(aside, mark) }, { stdout: line(web, '-') }],
  });
  const unused = `${web}.aside-01K7A0000000000000000000A3`;
  await exchangeTrees(run, { dataset: web, aside: unused, incoming: { aside }, members: [] }, root, silent);
  expect(calls).toContain(`zfs set canmount=noauto ${web}`);
  expect(done(calls, 'mount')).toEqual([web]);
});
