import { describe, expect, it } from 'vitest';
import { type Writers, writtenSince } from '../../src/transaction/written.ts';
import type { Difference } from '../../src/zfs/diff.ts';

const at = 1_760_000_000_123;

function found(path: string, over: Partial<Difference> = {}): Difference {
  return { time: at, change: 'modified', type: 'F', path: `/jails/web${path}`, ...over };
}

function writers(over: Partial<Writers> = {}): Writers {
  return { root: '/jails/web', intervals: [], owned: new Set(), sizeOf: () => 10, ...over };
}

const during = (live: boolean) => [{ started: at - 5000, ended: at + 5000, live }];

describe('what a jail wrote itself', () => {
  it('is told per directory of three levels, the largest first', () => {
    const sizes = new Map([
      ['/jails/web/var/db/postgres/base/1/2', 500],
      ['/jails/web/var/db/postgres/pg_wal/1', 700],
      ['/jails/web/usr/local/www/a', 5],
      ['/jails/web/etc/motd', 5],
      ['/jails/web/etc/fstab', 0],
      ['/jails/web/top', 2000],
    ]);
    const differences = [...sizes.keys()].map((path) => found(path.slice('/jails/web'.length)));
    expect(writtenSince(differences, writers({ sizeOf: (path) => sizes.get(path) ?? 0 }))).toEqual([
      { directory: '/', files: 1, bytes: 2000 },
      { directory: '/var/db/postgres', files: 2, bytes: 1200 },
      { directory: '/etc', files: 2, bytes: 5 },
      { directory: '/usr/local/www', files: 1, bytes: 5 },
    ]);
  });

  it.each<[string, Difference, { directory: string; files: number; bytes: number }[]]>([
    ['a new file', found('/tmp/a', { change: 'added' }), [{ directory: '/tmp', files: 1, bytes: 10 }]],
    ['a link', found('/tmp/a', { type: '@' }), [{ directory: '/tmp', files: 1, bytes: 10 }]],
    ['a socket', found('/var/run/s', { type: '=' }), [{ directory: '/var/run', files: 1, bytes: 10 }]],
    [
      'a file that is gone, which has no bytes any more',
      found('/tmp/a', { change: 'removed' }),
      [{ directory: '/tmp', files: 1, bytes: 0 }],
    ],
    [
      'a file under its new name',
      found('/tmp/a', { change: 'renamed', to: '/jails/web/var/db/x/a' }),
      [{ directory: '/var/db/x', files: 1, bytes: 10 }],
    ],
    [
      'a child that is mounted elsewhere',
      { ...found(''), path: '/data/a' },
      [{ directory: '/data', files: 1, bytes: 10 }],
    ],
    [
      'a neighbour with a longer name',
      { ...found(''), path: '/jails/web2/a' },
      [{ directory: '/jails/web2', files: 1, bytes: 10 }],
    ],
    ['a directory, which changes with what is in it', found('/tmp/', { type: '/' }), []],
  ])('counts %s', (_what, difference, written) => {
    expect(writtenSince([difference], writers())).toEqual(written);
  });

  it('is nothing where nothing differs', () => {
    expect(writtenSince([], writers({ intervals: during(true) }))).toEqual([]);
  });
});

describe('what was written during a transaction', () => {
  const data = [{ directory: '/var/db/postgres', files: 1, bytes: 10 }];

  it.each([
    ['the start', at - 5000],
    ['the end', at + 5000],
    ['a moment before: clocks are coarse', at - 5020],
    ['a moment after', at + 5020],
  ])('of a stopped jail is the transaction, at %s', (_when, time) => {
    const intervals = during(false);
    expect(writtenSince([found('/var/db/postgres/a', { time })], writers({ intervals }))).toEqual([]);
  });

  it.each([at - 5021, at + 5021])('and outside of it is not (%d)', (time) => {
    const intervals = during(false);
    expect(writtenSince([found('/var/db/postgres/a', { time })], writers({ intervals }))).toEqual(data);
  });

  it('where whole seconds are kept, is not what may have been written in the rest of its last', () => {
    const second = 1_760_000_000_000;
    const by = (ended: number) => writers({ intervals: [{ started: second - 5000, ended, live: false }] });
    const differences = [found('/var/db/postgres/a', { time: second })];
    expect(writtenSince(differences, by(second + 500))).toEqual(data);
    expect(writtenSince(differences, by(second + 1000))).toEqual([]);
  });

  it.each([
    ['what a package owns', '/usr/local/bin/nginx', []],
    ['the package database', '/var/db/pkg/local.sqlite', []],
    ['the cache of pkg', '/var/cache/pkg/nginx.pkg', []],
    ['the hints of the linker', '/var/run/ld-elf.so.hints', []],
    ['data of a service', '/var/db/postgres/a', data],
    [
      'a file beside one of a package',
      '/usr/local/bin/nginx2',
      [{ directory: '/usr/local/bin', files: 1, bytes: 10 }],
    ],
    [
      'a name that only begins like the database',
      '/var/db/pkgs/a',
      [{ directory: '/var/db/pkgs', files: 1, bytes: 10 }],
    ],
  ])('of a jail that went on running: %s', (_what, path, written) => {
    const owned = new Set(['/usr/local/bin/nginx']);
    expect(writtenSince([found(path)], writers({ intervals: during(true), owned }))).toEqual(written);
  });

  it('of a jail that went on running counts as its own only then', () => {
    const owned = new Set(['/usr/local/etc/nginx.conf']);
    const later = found('/usr/local/etc/nginx.conf', { time: at + 60_000 });
    expect(writtenSince([later], writers({ intervals: during(true), owned }))).toEqual([
      { directory: '/usr/local/etc', files: 1, bytes: 10 },
    ]);
  });

  it('goes by either name of what was renamed', () => {
    const owned = new Set(['/usr/local/bin/nginx']);
    const names: [string, string][] = [
      ['/usr/local/bin/nginx.new', '/jails/web/usr/local/bin/nginx'],
      ['/usr/local/bin/nginx', '/jails/web/usr/local/bin/nginx.old'],
    ];
    for (const [path, to] of names) {
      const renamed = found(path, { change: 'renamed', to });
      expect(writtenSince([renamed], writers({ intervals: during(true), owned }))).toEqual([]);
    }
  });
});
