import { expect, test } from 'vitest';
import {
  besidesDelegation,
  delegationIn,
  delegationOf,
  giveAgain,
  isTaken,
  isUntouched,
  takeBack,
  takenAs,
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
  expect([delegationOf(given), isTaken(given), isUntouched(given)]).toEqual([delegation, false, true]);
  expect([delegationOf(taken), isTaken(taken), isUntouched(taken)]).toEqual([delegation, true, false]);
  expect(delegationOf([['zoned', 'on']])).toEqual({ property: 'zoned', canmount: 'on' });
  for (const own of [given, taken])
    expect(besidesDelegation(own)).toEqual([
      ['quota', '10M'],
      ['canmount', 'off'],
    ]);
});

test.each([
  ['remembered', [['jtx:delegated', 'jailed off'], ...given]],
  [
    'not to be mounted',
    [
      ['jtx:delegated', 'jailed off'],
      ['jailed', 'on'],
      ['canmount', 'noauto'],
    ],
  ],
] satisfies [string, Property[]][])(
  'one of which a crash has left that it is %s is neither',
  (_what, own) => {
    expect([delegationOf(own), isTaken(own), isUntouched(own)]).toEqual([delegation, false, false]);
  },
);

test.each<[Property[]]>([
  [[]],
  [[['jailed', 'off']]],
  [[['jtx:delegated', 'exec on']]],
  [[['jtx:delegated', 'jailed -o']]],
])('one of the host is none: %j', (own) => {
  expect(delegationOf(own)).toBeUndefined();
  expect(besidesDelegation(own)).toEqual(own);
});

test.each(['zroot/jails/web', ''])(
  'what is below one is the jail’s too, unless it says otherwise: %j',
  (top) => {
    const own = new Map<string, Property[]>([
      [top, []],
      [`${top}/data`, given],
      [`${top}/data/x`, []],
      [`${top}/data/x/y`, [['canmount', 'noauto']]],
      [`${top}/data/own`, [['jailed', 'off']]],
      [`${top}/www`, []],
    ]);
    const found = [...own.keys()].map((name) => delegationIn(own, name));
    const below = (canmount: string): object => ({ property: undefined, canmount });
    expect(found).toEqual([undefined, delegation, below('on'), below('noauto'), undefined, undefined]);
    own.set(`${top}/data/x`, takenAs({ property: undefined, canmount: 'on' }));
    expect(delegationIn(own, `${top}/data/x`)).toEqual(below('on'));
    expect(isTaken(own.get(`${top}/data/x`) ?? [])).toBe(true);
  },
);

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
