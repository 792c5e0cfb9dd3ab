import { expect, onTestFinished, test } from 'vitest';
import { lendNames, listedAddresses, type Names } from '../../src/pkg/lent-names.ts';
import { openNameServer } from './name-server.ts';

const loopback6 = [...Array<number>(15).fill(0), 1];

function lent(nameserver: string, hosts = ''): Names {
  const names = lendNames(nameserver, hosts);
  onTestFinished(() => names.close());
  return names;
}

test('all addresses that the name server has come from it, and it is asked once', async () => {
  const server = await openNameServer({
    'both.test A': [192, 0, 2, 1],
    'both.test AAAA': loopback6,
    'six.test AAAA': loopback6,
  });
  const names = lent(server.address);
  const both = [
    { address: '192.0.2.1', family: 4 },
    { address: '::1', family: 6 },
  ];
  expect(await names.addressesOf('both.test')).toEqual(both);
  expect(await names.addressesOf('both.test')).toEqual(both);
  expect(await names.addressesOf('six.test')).toEqual([{ address: '::1', family: 6 }]);
  expect(server.asked.toSorted()).toEqual(['both.test A', 'both.test AAAA', 'six.test A', 'six.test AAAA']);
});

test("what the jail's own hosts lists is not asked for", async () => {
  const server = await openNameServer({ 'packages.test A': [192, 0, 2, 1] });
  const names = lent(server.address, '127.0.0.7 packages.test\n');
  expect(await names.addressesOf('packages.test')).toEqual([{ address: '127.0.0.7', family: 4 }]);
  expect(server.asked).toEqual([]);
});

test('what the name server does not know the host may know, and a name that nobody knows is asked for again', async () => {
  const server = await openNameServer({});
  const names = lent(server.address);
  expect((await names.addressesOf('localhost')).length).toBeGreaterThan(0);
  await expect(names.addressesOf('nowhere.invalid')).rejects.toThrow('nowhere.invalid');
  const count = server.asked.length;
  await expect(names.addressesOf('nowhere.invalid')).rejects.toThrow('nowhere.invalid');
  expect(server.asked.length).toBeGreaterThan(count);
});

test('a name server that is no address is not asked, and the host is', async () => {
  expect((await lent('dns.example').addressesOf('localhost')).length).toBeGreaterThan(0);
});

test('one that does not answer is given up, at once where it is closed', async () => {
  const server = await openNameServer({ 'silent.test A': [192, 0, 2, 1] });
  const names = lent(server.address);
  const found = names.addressesOf('silent.test');
  setTimeout(() => names.close(), 300);
  expect(await found).toEqual([{ address: '192.0.2.1', family: 4 }]);
});

test.each([
  ['127.0.0.1 localhost\n192.0.2.1\tPackages.test www # packages.test', ['192.0.2.1']],
  ['::1 packages.test\n192.0.2.1 x packages.test\r\n', ['::1', '192.0.2.1']],
  ['# 192.0.2.1 packages.test\npackages.test 192.0.2.1\n192.0.2.1 packages.test.', []],
  ['', []],
])('%j', (hosts, addresses) => {
  expect(listedAddresses(hosts, 'packages.TEST').map(({ address }) => address)).toEqual(addresses);
});
