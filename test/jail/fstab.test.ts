import { expect, test } from 'vitest';
import { basesOf, parseFstab } from '../../src/jail/fstab.ts';

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
  expect(basesOf(parseFstab(text), '/jails/web')).toEqual([
    { special: '/usr/local/bastille/releases/14.1-RELEASE', path: '.bastille' },
    { special: '/usr/ports', path: 'usr/ports' },
    { special: '/data/with space', path: 'mnt' },
    { special: '/var/cache/pkg', path: 'var/cache/pkg.host' },
  ]);
});
