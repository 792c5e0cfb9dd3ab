import { expect, test } from 'vitest';
import { promoteTree, unpromoted } from '../../src/transaction/promote.ts';
import { scripted } from '../host/scripted.ts';

const jail = 'zroot/jails/web';
const aside = (letter: string): string => `${jail}.aside-01K7A0000000000000000000A${letter}`;

test.each<[string, [clone: string, origin: string][], string[]]>([
  ['nothing', [], []],
  ['what was set aside, of a jail that is no clone', [[aside('1'), `${jail}@s`]], []],
  ['of a template', [[jail, 'zroot/template@base']], []],
  [
    'of what was set aside',
    [
      [jail, `${aside('1')}@s`],
      [`${jail}/www`, `${aside('1')}/www@s`],
    ],
    [jail, `${jail}/www`],
  ],
  [
    'through several that were set aside',
    [
      [jail, `${aside('3')}@c`],
      [aside('3'), `${aside('2')}@b`],
      [aside('2'), `${aside('1')}@a`],
      [aside('1'), 'zroot/template@base'],
    ],
    [jail, jail, jail],
  ],
  ['of what another jail has set aside', [[jail, 'zroot/jails/db.aside-01K7A0000000000000000000A1@s']], []],
])('to be promoted of a jail that is a clone of: %s', (_what, origins, wanted) => {
  expect(unpromoted(jail, new Map(origins))).toEqual(wanted);
});

test('one that is being sent does not keep the others', async () => {
  const stdout = `${jail}\t${aside('1')}@s\n${jail}/www\t${aside('1')}/www@s\n`;
  const busy = { status: 1, stderr: `cannot promote '${jail}': dataset is busy\n` };
  const host = scripted({ 'zfs list': { stdout }, 'zfs promote': [busy, {}], 'zfs get': { status: 2 } });
  await expect(promoteTree(host.run, jail)).rejects.toMatchObject({ code: 'snapshots-in-use' });
  expect(host.calls.filter((line) => line.startsWith('zfs promote'))).toEqual([
    `zfs promote ${jail}`,
    `zfs promote ${jail}/www`,
  ]);
  const promoted = scripted({ 'zfs list': { stdout: `${jail}\t-\n` } });
  await promoteTree(promoted.run, jail);
  expect(promoted.calls).toHaveLength(1);
});
