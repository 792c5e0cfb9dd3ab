import { join } from 'node:path';
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
  record(second, result('sent', now));
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
