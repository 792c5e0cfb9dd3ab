import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import type { PackageChange } from '../../src/pkg/change-set.ts';
import { majorChanges, staleData } from '../../src/transaction/stale-data.ts';
import type { Subject } from '../../src/transaction/subject.ts';
import { committed, temporaryDirectory } from '../journal/sample.ts';
import { member, webSubject } from './subjects.ts';

function change(name: string, from: string | null, to: string | null): PackageChange {
  return { name, origin: `databases/${name}`, from, to };
}

test.each<[string, PackageChange[], ReturnType<typeof majorChanges>]>([
  ['an upgrade within a major version', [change('redis', '7.2.1', '7.4.0')], []],
  ['a new revision', [change('redis', '7.2.1', '7.2.1_1')], []],
  ['a new package', [change('redis', null, '7.2.1')], []],
  ['a removed package', [change('redis', '7.2.1', null)], []],
  [
    'an upgrade across one',
    [change('redis', '7.2.1', '8.0.0')],
    [{ name: 'redis', from: '7.2.1', to: '8.0.0' }],
  ],
  ['a downgrade across one', [change('redis', '8.0', '7.2')], [{ name: 'redis', from: '8.0', to: '7.2' }]],
  ['one with more digits', [change('node', '9.11', '10.0')], [{ name: 'node', from: '9.11', to: '10.0' }]],
  [
    'another number in the name',
    [change('postgresql16-server', '16.4', null), change('postgresql17-server', null, '17.0')],
    [{ name: 'postgresql17-server', from: '16.4', to: '17.0' }],
  ],
  [
    'another number in the name, named first',
    [change('mysql84-server', null, '8.4'), change('mysql57-server', '5.7', null)],
    [{ name: 'mysql84-server', from: '5.7', to: '8.4' }],
  ],
  [
    'another number for the same version',
    [change('py39-x', '3.1', null), change('py311-x', null, '3.2')],
    [],
  ],
  [
    'another package',
    [change('postgresql16-client', '16.4', null), change('postgresql17-server', null, '17.0')],
    [],
  ],
  ['a version without a number', [change('ca', 'a', 'b')], [{ name: 'ca', from: 'a', to: 'b' }]],
  ['none', [], []],
])('%s', (_what, changes, major) => {
  expect(majorChanges(changes)).toEqual(major);
});

const data = 'zroot/jails/web/data';

function subject(kept: boolean): Subject {
  return webSubject({}, { datasets: [member('zroot/jails/web'), member(data, { reverted: !kept })] });
}

test('data that stays is warned of, for what is undone and for nothing else', () => {
  const journal = Journal.open(join(temporaryDirectory(), 'journal.db'));
  const before = committed(journal, { id: '01K7A0000000000000000000A1' });
  const upgrade = committed(journal, { id: '01K7A0000000000000000000A2', verb: 'upgrade' });
  const other = committed(journal, { id: '01K7A0000000000000000000A3', root: '/jails/other' });
  for (const id of [before, upgrade, other])
    journal.recordChanges(id, [change(`of${id.at(-1)}-server`, '16.4', '17.0')]);
  const target = (id: string) => ({
    words: '',
    before: id,
    transaction: undefined,
    from: { snapshot: `jtx-${id}`, tree: 'zroot/jails/web' },
  });
  expect(staleData(journal, subject(true), target(upgrade))).toEqual([
    `of2-server goes back from 17.0 to 16.4, and ${data} stays: an older major version may not read it.`,
  ]);
  expect(staleData(journal, subject(true), target(before))).toHaveLength(2);
  expect(staleData(journal, subject(true), target('01K7A0000000000000000000A4'))).toEqual([]);
  expect(staleData(journal, subject(false), target(before))).toEqual([]);
  journal.close();
});
