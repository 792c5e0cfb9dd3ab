import { expect, test } from 'vitest';
import { lockedRoots, reloadKeys } from '../../src/zfs/keys.ts';
import { scripted } from '../host/scripted.ts';

const web = 'zroot/jails/web';
const text = [
  `${web}\tencryptionroot\t${web}`,
  `${web}\tkeystatus\tunavailable`,
  `${web}/www\tencryptionroot\t${web}`,
  `${web}/www\tkeystatus\tunavailable`,
  `${web}/data\tencryptionroot\t${web}/data`,
  `${web}/data\tkeystatus\tavailable`,
  `${web}/plain\tencryptionroot\t-`,
  `${web}/plain\tkeystatus\t-`,
  '',
].join('\n');

test('only a root whose key is not loaded needs it', () => {
  expect(lockedRoots(text)).toEqual([web]);
  expect(lockedRoots('')).toEqual([]);
});

test('a key in a file is loaded again, and one that only a person has is told', async () => {
  const host = scripted({ 'zfs get': { stdout: text }, 'zfs load-key': {} });
  expect(await reloadKeys(host.run, web)).toEqual([]);
  expect(host.calls[1]).toBe(`zfs load-key ${web}`);
  const asks = scripted({ 'zfs get': { stdout: text }, 'zfs load-key': { status: 255 } });
  expect(await reloadKeys(asks.run, web)).toEqual([web]);
  const old = scripted({ 'zfs get': { status: 2, stderr: 'bad property list: invalid property' } });
  expect(await reloadKeys(old.run, web)).toEqual([]);
});
