import { expect, test } from 'vitest';
import { isSameJail, managedFstab, managedName, nameByRoot } from '../../src/jail/manager.ts';

test.each([
  ['/iocage/jails/web/root', 'ioc-web', 'web'],
  ['/mnt/tank/iocage/jails/web.example.com/root', 'ioc-web_example_com', 'web.example.com'],
  ['/usr/jails/www-1.example.com', 'www_1_example_com', 'www-1.example.com'],
])('the manager of %s knows %s as %s', (root, kernel, name) => {
  expect(managedName(root, kernel)).toBe(name);
  expect(managedName(root, name)).toBe(name);
  expect(isSameJail(root, kernel, name)).toBe(true);
});

test.each([
  ['/iocage/jails/web/root', 'hand'],
  ['/iocage/jails/web/root', 'ioc-db'],
  ['/iocage/jails/web/root/inner', 'ioc-web'],
  ['/usr/local/bastille/jails/web/root', 'ioc-web'],
  ['/jails/web', 'ioc-web'],
])('of a jail on %s another name, %s, is its own', (root, name) => {
  expect(managedName(root, name)).toBe(name);
  expect(isSameJail(root, name, 'web')).toBe(false);
});

test.each([
  ['/usr/local/bastille/jails/web/root', '/usr/local/bastille/jails/web/fstab'],
  ['/iocage/jails/web/root', '/iocage/jails/web/fstab'],
  ['/usr/jails/example.com', '/etc/fstab.example_com'],
  ['/opt/pot/jails/web/m', undefined],
  ['/jails/web', undefined],
])('the fstab(5) for %s is %s', (root, fstab) => {
  expect(managedFstab(root)).toBe(fstab);
});

test.each([
  ['/usr/local/bastille/jails/web/root', 'web'],
  ['zroot/iocage/jails/web.example.com/root', 'web.example.com'],
  ['/opt/pot/jails/web/m', 'web'],
  ['/usr/local/appjail/jails/web/jail', 'web'],
  ['/usr/jails/www', 'www'],
  ['/jails/web', 'web'],
  ['/somewhere/root', 'root'],
])('of a jail on %s nothing else is known: it is %s', (root, name) => {
  expect(nameByRoot(root)).toBe(name);
});
