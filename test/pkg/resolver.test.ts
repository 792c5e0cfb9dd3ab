import { renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstNameserver, nameserverFor, usableResolvConf } from '../../src/pkg/resolver.ts';
import { emptyRoot, temporaryDirectory } from './jail-root.ts';

test.each([
  ['nameserver 192.0.2.1\nnameserver 192.0.2.2\n', '192.0.2.1'],
  ['search x\n \tnameserver\t2001:db8::1 # first', '2001:db8::1'],
  ['nameserver fe80::1%em0', 'fe80::1%em0'],
  ['nameserver dns.example\nnameserver 192.0.2.2', '192.0.2.2'],
  ['# nameserver 192.0.2.1\n;nameserver 192.0.2.1\nnameservers 192.0.2.1\nnameserver\n', undefined],
  ['nameserver -o', undefined],
  ['', undefined],
])('%j', (text, expected) => {
  expect(firstNameserver(text)).toBe(expected);
  expect(usableResolvConf(text)).toBe(expected !== undefined);
});

function host(text = 'nameserver 192.0.2.53\n'): string {
  const file = join(temporaryDirectory(), 'resolv.conf');
  writeFileSync(file, text);
  return file;
}

test('a jail that has none is lent the one of the host', () => {
  const root = emptyRoot();
  expect(nameserverFor(root, host())).toBe('192.0.2.53');
  writeFileSync(join(root, 'etc/resolv.conf'), 'search example\n');
  expect(nameserverFor(root, host())).toBe('192.0.2.53');
  expect(nameserverFor(root, host('search x\n'))).toBeUndefined();
  expect(nameserverFor(root, '/nonexistent')).toBeUndefined();
});

test('a jail keeps its own', () => {
  const root = emptyRoot();
  writeFileSync(join(root, 'etc/resolv.conf'), 'nameserver 192.0.2.1\n');
  expect(nameserverFor(root, host())).toBeUndefined();
});

test.each([
  'nameserver 127.0.0.1\n',
  'nameserver 127.9.9.9\nnameserver ::1\n',
  'nameserver 0:0:0:0:0:0:0:1\n',
  'nameserver ::ffff:127.0.0.1\n',
  'nameserver 0.0.0.0\nnameserver ::\n',
])("a name server of the jail's own loopback is not one for pkg, which runs beside the jail: %j", (text) => {
  const root = emptyRoot();
  writeFileSync(join(root, 'etc/resolv.conf'), text);
  expect(nameserverFor(root, host())).toBe('192.0.2.53');
  expect(nameserverFor(root, host(text))).toBe(text.split(/\s/)[1]);
  writeFileSync(join(root, 'etc/resolv.conf'), `${text}nameserver 192.0.2.1\n`);
  expect(nameserverFor(root, host())).toBeUndefined();
});

test('what the jail has there is not followed out of it', () => {
  const root = emptyRoot();
  symlinkSync(host('nameserver 192.0.2.1\n'), join(root, 'etc/resolv.conf'));
  expect(nameserverFor(root, host())).toBe('192.0.2.53');
  const endless = emptyRoot();
  writeFileSync(join(endless, 'etc/resolv.conf'), 'nameserver 192.0.2.1\n');
  truncateSync(join(endless, 'etc/resolv.conf'), 1024 ** 3);
  expect(nameserverFor(endless, host())).toBe('192.0.2.53');
  const linked = emptyRoot();
  renameSync(join(linked, 'etc'), join(linked, 'other'));
  symlinkSync('/etc', join(linked, 'etc'));
  expect(() => nameserverFor(linked, host())).toThrow(expect.objectContaining({ code: 'root-unsafe' }));
});
