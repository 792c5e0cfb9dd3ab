import { expect, test } from 'vitest';
import { basesOf, coversOf, parseFstab } from '../../src/jail/fstab.ts';

const text = `# Device Mountpoint FStype Options Dump Pass
/usr/local/bastille/releases/14.1-RELEASE /jails/web/.bastille nullfs ro 0 0
/usr/ports\t/jails/web/usr/ports/  nullfs ro 0 0 # the ports
/data/with\\040space /jails/web/mnt nullfs rw 0 0
tmpfs /jails/web/tmp tmpfs rw 0 0
/base /jails/webcam/base nullfs ro 0 0
/base /jails/web nullfs ro 0 0
zroot/x /jails/web/x nullfs ro 0 0
/var/cache/pkg /jails/web/var/cache/pkg/ nullfs rw 0 0
/packages /jails/web/var/cache/pkg/All nullfs ro 0 0
/var/db/pkg /jails/web/var/db/pkg nullfs rw 0 0
/var/cache/pkg /jails/web/var/cache/pkg.host nullfs ro 0 0

short line
`;

test('the lines of a table, with their spaces and remarks', () => {
  expect(parseFstab(text)).toHaveLength(11);
  expect(parseFstab(text)[2]).toEqual({
    special: '/data/with space',
    node: '/jails/web/mnt',
    type: 'nullfs',
  });
});

test('only directories of the host below the root are bases of a jail', () => {
  expect(basesOf(parseFstab(text), ['/jails/web'])).toEqual([
    { special: '/usr/local/bastille/releases/14.1-RELEASE', path: '.bastille' },
    { special: '/usr/ports', path: 'usr/ports' },
    { special: '/data/with space', path: 'mnt' },
    { special: '/var/cache/pkg', path: 'var/cache/pkg.host' },
  ]);
});

test('a base is found by any name of the root, and none on the root itself', () => {
  const entry = (node: string) => ({ special: '/base', node, type: 'nullfs' });
  const nodes = [
    '/jails/web/.base',
    '/usr/jails/web//.old/',
    '/jails/web/',
    '/usr/jails/web2/x',
    '/jails/web/../x',
  ];
  const entries = nodes.map(entry);
  expect(basesOf(entries, ['/usr/jails/web', '/jails/web/']).map(({ path }) => path)).toEqual([
    '.base',
    '.old',
  ]);
});

test.each<[line: string, path: string | undefined]>([
  ['zroot/web-local /jails/web/usr/local zfs rw 0 0', 'usr/local'],
  ['zroot/web-usr /jails/web/usr/ zfs rw 0 0', 'usr'],
  ['zroot/web-var /jails/web/var zfs rw 0 0', 'var'],
  ['/upper /jails/web/usr/local unionfs rw 0 0', 'usr/local'],
  ['/upper /link/web/etc unionfs rw 0 0', 'etc'],
  ['tmpfs /jails/web/var/db tmpfs rw 0 0', 'var/db'],
  ['/base /jails/web nullfs ro 0 0', ''],
  ['/upper /jails/web/ unionfs rw 0 0', ''],
  ['zroot/web-www /jails/web/usr/local/www zfs rw 0 0', undefined],
  ['tmpfs /jails/web/tmp tmpfs rw 0 0', undefined],
  ['tmpfs /jails/web/var/run tmpfs rw 0 0', undefined],
  ['devfs /jails/web/dev devfs rw 0 0', undefined],
  ['fdescfs /jails/web/dev/fd fdescfs rw 0 0', undefined],
  ['linprocfs /jails/web/compat/linux/proc linprocfs rw 0 0', undefined],
  ['/base/usr /jails/web/usr nullfs ro 0 0', undefined],
  ['zroot/web-local /jails/webcam/usr/local zfs rw 0 0', undefined],
])('what is hidden by %s', (line, path) => {
  const covers = coversOf(parseFstab(line), ['/jails/web', '/link/web']);
  expect(covers.map((cover) => cover.path)).toEqual(path === undefined ? [] : [path]);
});
