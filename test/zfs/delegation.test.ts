import { expect, test } from 'vitest';
import {
  besidesDelegation,
  delegationOf,
  giveAgain,
  isDelegated,
  rememberedAs,
  takeBack,
} from '../../src/zfs/delegation.ts';
import type { Property } from '../../src/zfs/properties.ts';
import { scripted } from '../host/scripted.ts';

const given: Property[] = [
  ['jailed', 'on'],
  ['canmount', 'off'],
  ['quota', '10M'],
];
const taken: Property[] = [
  ['jtx:delegated', 'jailed off'],
  ['jailed', 'off'],
  ['canmount', 'noauto'],
  ['quota', '10M'],
];
const delegation = { property: 'jailed', canmount: 'off' };

test('one that is the jail’s, and one that was taken back, are known to be', () => {
  expect([delegationOf(given), isDelegated(given)]).toEqual([delegation, true]);
  expect([delegationOf(taken), isDelegated(taken)]).toEqual([delegation, false]);
  expect(delegationOf([['zoned', 'on']])).toEqual({ property: 'zoned', canmount: 'on' });
  expect(rememberedAs(delegation)).toEqual(taken[0]);
  for (const own of [given, taken])
    expect(besidesDelegation(own)).toEqual([
      ['quota', '10M'],
      ['canmount', 'off'],
    ]);
});

test.each<[Property[]]>([
  [[]],
  [[['jailed', 'off']]],
  [[['jtx:delegated', 'exec on']]],
  [[['jtx:delegated', 'jailed -o']]],
])('one of the host is none: %j', (own) => {
  expect(delegationOf(own)).toBeUndefined();
  expect(besidesDelegation(own)).toEqual(own);
});

test('it is remembered before it is taken back, and mounted nowhere on the host', async () => {
  const { run, calls } = scripted({ zfs: {} });
  await takeBack(run, 'zroot/jails/web/data', delegation);
  await giveAgain(run, 'zroot/jails/web/data', delegation);
  expect(calls).toEqual([
    'zfs set jtx:delegated=jailed off zroot/jails/web/data',
    'zfs set canmount=noauto zroot/jails/web/data',
    'zfs set jailed=off zroot/jails/web/data',
    'zfs set jailed=on zroot/jails/web/data',
    'zfs set canmount=off zroot/jails/web/data',
    'zfs inherit jtx:delegated zroot/jails/web/data',
  ]);
});
