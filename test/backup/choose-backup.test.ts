import { expect, test } from 'vitest';
import { chooseBackup } from '../../src/backup/choose-backup.ts';
import { backupSnapshot } from '../../src/backup/names.ts';

function idAt(time: number, last: string): string {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let left = time;
  let text = '';
  for (let place = 0; place < 10; place += 1) {
    text = (digits[left % 32] ?? '') + text;
    left = Math.floor(left / 32);
  }
  return `${text}000000000000000${last}`;
}

// A day apart, each at 12:00 UTC.
const first = idAt(1_760_097_600_000, 'A');
const second = idAt(1_760_184_000_000, 'B');
const third = idAt(1_760_270_400_000, 'C');
const backups = [first, second, third];
const now = 1_760_356_800_000;

test.each([
  ['nothing is the newest', undefined, third],
  ['its id', second, second],
  ['its id in small letters', second.toLowerCase(), second],
  ['its snapshot', backupSnapshot(second), second],
  ['its snapshot as zfs writes it', `@${backupSnapshot(second)}`, second],
  ['the beginning of an id', first.slice(0, 10), first],
  ['a transaction after it', idAt(1_760_200_000_000, 'Z'), second],
  ['a time', new Date(1_760_190_000_000).toISOString(), second],
  ['a time ago', '2 days ago', second],
])('%s', (_, at, chosen) => {
  expect(chooseBackup(backups, at, now)).toBe(chosen);
});

test.each(['5 years ago', 'tomorrow', 'nonsense', idAt(1_700_000_000_000, 'A'), '01'])('%s is none', (at) => {
  expect(() => chooseBackup(backups, at, now)).toThrow(
    expect.objectContaining({ code: 'backup-unknown', hint: expect.stringContaining(third) }),
  );
});

test('where there is none, that is said', () => {
  expect(() => chooseBackup([], undefined, now)).toThrow('there is no backup');
});
