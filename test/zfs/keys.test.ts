import { expect, test } from 'vitest';
import { lockedRoots, reloadKeys, whyLocked } from '../../src/zfs/keys.ts';
import { scripted } from '../host/scripted.ts';
import { asLines } from './printed.ts';

const web = 'zroot/jails/web';
const text = asLines(['encryptionroot', 'keystatus', 'keylocation'], {
  [web]: { encryptionroot: web, keystatus: 'unavailable', keylocation: ['file:///root/key', 'local'] },
  [`${web}/www`]: { encryptionroot: web, keystatus: 'unavailable', keylocation: ['none', 'default'] },
  [`${web}/data`]: {
    encryptionroot: `${web}/data`,
    keystatus: 'available',
    keylocation: ['prompt', 'local'],
  },
  [`${web}/plain`]: {},
});

const locked = { name: web, location: 'file:///root/key' };

test('only a root whose key is not loaded needs it', () => {
  expect(lockedRoots(text.split('\n'))).toEqual([locked]);
  expect(lockedRoots([])).toEqual([]);
});

test('a key in a file is loaded again, and one that only a person has is told', async () => {
  const host = scripted({ 'zfs get': { stdout: text }, 'zfs load-key': {} });
  expect(await reloadKeys(host.run, web)).toEqual([]);
  expect(host.calls[1]).toBe(`zfs load-key ${web}`);
  const asks = scripted({ 'zfs get': { stdout: text }, 'zfs load-key': { status: 255 } });
  expect(await reloadKeys(asks.run, web)).toEqual([locked]);
  const old = scripted({ 'zfs get': { status: 2, stderr: 'bad property list: invalid property' } });
  expect(await reloadKeys(old.run, web)).toEqual([]);
});

test.each([
  ['prompt', 'its key is in no file that is known'],
  ['file:///root/key', 'its key cannot be loaded from file:///root/key'],
])('of a key that is to come from %s it is told why it is not loaded', (location, why) => {
  expect(whyLocked({ name: web, location })).toBe(why);
});
