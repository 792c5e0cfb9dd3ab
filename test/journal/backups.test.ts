import { join } from 'node:path';
import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import type { BackupCheck, BackupResult } from '../../src/journal/backups.ts';
import { Journal } from '../../src/journal/journal.ts';
import { temporaryDirectory } from './sample.ts';

const [ahead, now] = [Date.UTC(2027, 10, 25), Date.UTC(2026, 10, 25)];
const backups = ['01M0000000000000000000000A', '01K0000000000000000000000B', '01K0000000000000000000000C'];
const [first = '', second = '', third = ''] = backups;

function result(state: BackupResult['state'], at: number): BackupResult {
  const point = state === 'failed' ? null : first;
  return { jail: 'web', target: 'nas', state, point, bytes: 1, message: null, at };
}

function check(state: BackupCheck['state'], at: number): BackupCheck {
  return { jail: 'web', target: 'nas', point: first, state, message: null, at };
}

test('what was found out while a clock ran ahead hides nothing of what came after', () => {
  const journal = Journal.open(join(temporaryDirectory(), 'journal.db'));
  const record = (id: string, one: BackupResult): void => {
    journal.backups.begin(id, one.at);
    journal.backups.record(id, one);
  };
  record(first, result('sent', ahead));
  journal.backups.recordCheck(check('proved', ahead));
  record(second, result('unchanged', now));
  record(third, result('failed', now + 1));
  journal.backups.recordCheck(check('failed', now + 2));
  const [standing, ...more] = journal.backups.standings();
  journal.close();
  expect(more).toEqual([]);
  expect(standing).toMatchObject({
    last: { state: 'failed', at: now + 1 },
    good: now,
    check: { state: 'failed' },
  });
});

const begun = Date.UTC(2026, 10, 25, 1, 30);
const hour = 3_600_000;

test.each<[string, BackupResult['state'], number, number]>([
  ['what was sent for hours is of the time at which its snapshot was taken', 'sent', begun + 9 * hour, begun],
  ['what did not change is current when that was looked at', 'unchanged', begun + 9 * hour, begun + 9 * hour],
  ['a clock ran ahead as the snapshot was taken', 'sent', begun - 24 * hour, begun - 24 * hour],
])('how current a backup is: %s', (_, state, at, good) => {
  const journal = Journal.open(join(temporaryDirectory(), 'journal.db'));
  const point = ulid(begun);
  journal.backups.begin(point, begun);
  journal.backups.record(point, { ...result(state, at), point });
  const [standing] = journal.backups.standings();
  journal.close();
  expect(standing).toMatchObject({ good, last: { state, at } });
});

test('a turn is remembered once for each jail and target, whatever came of it', () => {
  const journal = Journal.open(join(temporaryDirectory(), 'journal.db'));
  for (const [target, at] of [
    ['nas', 1],
    ['usb', 2],
    ['nas', 3],
  ] as const)
    journal.backups.recordTurn({ jail: 'web', target, at });
  const turns = journal.backups.turns();
  journal.close();
  expect(turns.toSorted((one, other) => one.at - other.at)).toEqual([
    { jail: 'web', target: 'usb', at: 2 },
    { jail: 'web', target: 'nas', at: 3 },
  ]);
});
