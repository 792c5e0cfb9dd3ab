import { describe, expect, it } from 'vitest';
import type { Copy, Member as CopyMember } from '../../src/backup/copy.ts';
import { besides, mountable } from '../../src/backup/mounted-tree.ts';
import { parseMounts } from '../../src/host/mounts.ts';
import type { Member } from '../../src/journal/rows.ts';
import { exchangeTrees } from '../../src/transaction/exchange.ts';
import { silent } from '../../src/transaction/progress.ts';
import type { TransactionRecord } from '../../src/transaction/record.ts';
import { openRehearsal } from '../../src/transaction/rehearsal.ts';
import { revert } from '../../src/transaction/revert.ts';
import { inCloneOrder, inMountOrder } from '../../src/zfs/dataset.ts';
import { copy } from '../backup/stored.ts';
import { scripted } from '../host/scripted.ts';
import { asOwn, asRows } from '../zfs/printed.ts';

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
/** The mount table, in which what lies in another comes after it. */
function table(top: string, at: string): { stdout: string } {
  const mounted = places.map(([path, below]) => ({ special: top + path, node: at + below, fstype: 'zfs' }));
  return {
    stdout: JSON.stringify({ mount: { mounted: [0, 2, 1].flatMap((index) => mounted[index] ?? []) } }),
  };
}
const mount = { mount: table(web, root), umount: {} };

const done = (calls: readonly string[], verb: string): string[] =>
  calls.filter((call) => call.startsWith(`${verb} `)).map((call) => call.split(' ').at(-1) ?? '');
const inwards = ['/var/db/postgres', '/var', ''];

function listed(mounted: string): string {
  return asRows(
    places.map(([path, at]) => [
      web + path,
      ...['filesystem', '-', mounted, 'on', 'none', 'none', 'none', 'none', root + at],
    ]),
  );
}

/** What is printed of all of a tree, which has nothing of its own. */
function ofTheirOwn(top: string): string {
  return asOwn(Object.fromEntries(places.map(([path]) => [top + path, {}])));
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
    expect(done(calls, 'umount')).toEqual(inwards.map((at) => root + at));
    expect(done(calls, 'zfs mount')).toEqual([web, `${web}/var`, `${web}/db`]);
  });

  it('and when it is set aside', async () => {
    const aside = `${web}.aside-01K7A0000000000000000000A2`;
    const snapshots = places.map(([path]) => `${web}${path}@s`).join('\n');
    const { run, calls } = scripted({
      ...mount,
      zfs: {},
      'zfs get -Hp -o name,property,source,value all': { stdout: ofTheirOwn(web) },
      'zfs list -H -r -t filesystem,volume': [{ stdout: listed('yes') }, { stdout: listed('no') }],
      'zfs list -H -r -t snapshot': { stdout: snapshots },
    });
    await exchangeTrees(
      run,
      { dataset: web, aside, incoming: { snapshot: 's', tree: aside }, members },
      { root, mounted: [], progress: silent },
    );
    expect(done(calls, 'umount')).toEqual(inwards.map((at) => root + at));
    // By which each is mounted already.
    expect(done(calls, 'zfs clone')).toEqual([web, `${web}/var`, `${web}/db`]);
    expect(done(calls, 'zfs mount')).toEqual([web, `${web}/var`, `${web}/db`]);
  });

  it('is cloned after what it belongs to as well', () => {
    const all = [...members, { name: `${web}/db/log`, mountpoint: `${root}/a` }];
    const names = inCloneOrder(all).map(({ name }) => name.slice(web.length));
    expect(names).toEqual(['', '/var', '/db', '/db/log']);
  });

  it.each([
    ['', root],
    [', also of one that fstab(5) mounts', 'legacy'],
    [', also of one that lies behind a symlink', '/home/web'],
  ])('and in a rehearsal%s', async (_what, mountpoint) => {
    const id = '01K7A0000000000000000000A3';
    const clone = `${web}.rehearsal-${id}`;
    const beside = root + clone.slice(web.length);
    const { run, calls } = scripted({
      mount: table(clone, beside),
      umount: {},
      fuser: {},
      zfs: {},
      'zfs get -Hp -o name,property,source,value all': { stdout: ofTheirOwn(web) },
    });
    const record: Pick<TransactionRecord, 'id' | 'run'> = { id, run };
    const own = places.map(([, at]) => (mountpoint === 'legacy' ? 'legacy' : mountpoint + at));
    const datasets = members.map((member, index) => ({
      ...member,
      mountpoint: own[index] ?? '',
      volume: false,
      readonly: false,
    }));
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
      mounts: parseMounts(table(web, root).stdout),
    });
    await rehearsal.end(false);
    expect(done(calls, 'zfs clone')).toEqual([clone, `${clone}/var`, `${clone}/db`]);
    expect(calls.join('\n')).toContain(`-o mountpoint=${beside}/var/db/postgres ${web}/db@`);
    expect(done(calls, 'zfs mount')).toEqual([clone, `${clone}/var`, `${clone}/db`]);
    expect(done(calls, 'umount')).toEqual(inwards.map((at) => beside + at));
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
  const line = (name: string): string =>
    asRows([[name, 'filesystem', '-', 'no', 'noauto', 'none', 'none', 'none', 'none', root]]);
  const { run, calls } = scripted({
    mount: { stdout: '{"mount":{"mounted":[]}}' },
    zfs: {},
    'zfs list': [{ stdout: line(aside) }, { stdout: line(web) }],
    'zfs get -Hp -o name,property,source,value all': { stdout: asOwn({ [aside]: { 'jtx:aside': mark } }) },
  });
  const unused = `${web}.aside-01K7A0000000000000000000A3`;
  await exchangeTrees(
    run,
    { dataset: web, aside: unused, incoming: { aside }, members: [] },
    { root, mounted: [], progress: silent },
  );
  expect(calls).toContain(`zfs set canmount=noauto ${web}`);
  expect(done(calls, 'zfs mount')).toEqual([web]);
});
