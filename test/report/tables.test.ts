import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import type { CommandRow, Step, StepRow, TransactionRow } from '../../src/journal/rows.ts';
import { colours } from '../../src/report/colour.ts';
import { historyTable } from '../../src/report/history-table.ts';
import { statusTable } from '../../src/report/status-table.ts';
import { detailsJson } from '../../src/report/transaction-json.ts';
import { transactionText } from '../../src/report/transaction-text.ts';

const install = '01K7A0000000000000000000A1';
const rollback = '01K7A0000000000000000000A2';
const now = 1_760_000_190_000;
const plain = { tty: false, colour: colours(false) };
const directory = mkdtempSync(join(tmpdir(), 'jtx-test-'));
let journal: Journal;

beforeAll(() => {
  // A copy: even reading leaves files of SQLite beside a journal.
  const file = join(directory, 'journal.db');
  copyFileSync('test/fixtures/journal/version-1.db', file);
  journal = Journal.open(file);
});
afterAll(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

function row(id: string): TransactionRow {
  const found = journal.transaction(id);
  if (!found) throw new Error(`no ${id}`);
  return found;
}

function details(id: string) {
  return {
    row: row(id),
    steps: journal.steps(id),
    commands: journal.commands(id),
    changes: journal.changes(id),
    verifications: journal.verifications(id),
    snapshots: journal.snapshots(id),
  };
}

test('a history in a pipe is aligned by spaces', async () => {
  const rows = journal.history({ limit: 5 });
  expect((await historyTable(rows, now, plain)).split('\n')).toEqual([
    'TRANSACTION                 WHEN           JAIL        STATE              WHAT',
    `${rollback}  3 minutes ago  postgresql  stuck              rollback ${install}`,
    `${install}  3 minutes ago  postgresql  committed, undone  install postgresql15-server`,
  ]);
});

test('on a terminal it is the same, in colour', async () => {
  const rows = journal.history({ limit: 5 });
  const coloured = await historyTable(rows, now, { tty: true, colour: colours(true) });
  expect(coloured).toContain('\x1b[31mstuck\x1b[39m');
  const lines = (text: string): string[] => text.split('\n').map((line) => line.trimEnd());
  expect(lines(coloured.replace(/\x1b\[\d+m/g, ''))).toEqual(lines(await historyTable(rows, now, plain)));
});

test('what a jail wrote cannot steer the table', async () => {
  const evil = { ...row(install), jail: 'x\x1b[2J', arguments: ['a\nb', 'c'.repeat(100)] };
  const text = await historyTable([evil], now, { tty: true, colour: colours(false) });
  expect(text).toContain('x\\x1b[2J');
  expect(text).toContain('install a\\nb');
  expect(text.split('\n')).toHaveLength(2);
});

test('a status says what is left to do', async () => {
  const last = row(rollback);
  const text = await statusTable([{ jail: last.jail, last, unsettled: [last] }], now, plain);
  expect(text).toContain(`postgresql: ${rollback} is stuck and needs a person`);
  expect(text).toContain('jtx recover');
});

test('one transaction, with all that is known of it', () => {
  const text = transactionText(details(install), now, colours(false));
  expect(text).toContain('what         install postgresql15-server\n');
  expect(text).toContain(`undone by    ${rollback}`);
  expect(text).toContain('  + postgresql15-server 15.8');
  expect(text).toContain(
    '  passed probe: postgres --version (expected 15\\.8)\n    postgres (PostgreSQL) 15.8',
  );
  expect(text).toContain('    0      1.0 s  pkg install -yU');
});

describe('what commands printed', () => {
  const at = 1_760_000_000_000;
  const step = (name: Step, started: number, finished: number | null): StepRow => {
    return { name, started: at + started, finished: finished && at + finished, outcome: null };
  };
  const command = (word: string, started: number, more: Partial<CommandRow> = {}): CommandRow => ({
    id: started,
    command: [word],
    changes: true,
    pid: 7,
    pidStarted: at + started,
    started: at + started,
    finished: at + started + 5,
    status: 0,
    output: `${word} said`,
    ...more,
  });
  const shown = (steps: StepRow[], commands: CommandRow[]) =>
    transactionText({ ...details(install), steps, commands }, now, colours(false));
  const whole = [step('plan', 0, 10), step('apply', 10, 20), step('compare', 20, 30)];

  test('is shown of the change, and of what failed', () => {
    const text = shown(whole, [
      command('planner', 0),
      command('mounter', 11, { pid: null }),
      command('changer', 12, { output: 'changer said\nand more\x1b[2J' }),
      command('lister', 13, { pid: null, changes: false }),
      command('checker', 20),
      command('loser', 21, { status: 3 }),
    ]);
    expect(text).toContain(`changer\n${' '.repeat(18)}changer said\n${' '.repeat(18)}and more\\x1b[2J\n`);
    expect(text).toContain('loser said');
    for (const word of ['planner', 'mounter', 'lister', 'checker'])
      expect(text).not.toContain(`${word} said`);
  });

  test('is shown of a rehearsal that came to nothing more', () => {
    const rehearsed = [step('rehearse', 0, 10), step('settle', 10, null)];
    expect(shown(rehearsed, [command('changer', 5), command('later', 10)])).toContain('changer said');
    expect(shown([step('rehearse', 0, 5), ...whole.slice(1)], [command('changer', 3)])).not.toContain('said');
    expect(shown([step('apply', 0, null)], [command('changer', 3)])).toContain('changer said');
  });

  test('without end is cut, and its end is shown', () => {
    const output = Array.from({ length: 5000 }, (_, line) => `line ${line}`).join('\n');
    const text = shown(whole, [command('changer', 12, { output })]);
    expect(text).toMatch(/line 4999$/);
    expect(text).toMatch(/\(\d+ lines before\)/);
    expect(text.split('\n').length).toBeLessThan(200);
  });
});

test('one that is stuck: why, what next, and the command that is not known to have ended', () => {
  const text = transactionText(details(rollback), now, colours(false));
  expect(text).toContain('why          the dataset is busy\nnext         jtx recover');
  expect(text).toContain('not known to have ended: zfs rollback x');
  // What it was to go back to is another's, and may lie in what it has set aside by now.
  expect(text).not.toContain('\nsnapshot ');
});

test('the same for scripts', () => {
  expect(detailsJson(details(install))).toMatchObject({
    state: 'committed',
    error: null,
    started: '2025-10-09T08:53:20.000Z',
    snapshot: null,
    undoneBy: rollback,
    commands: [{ command: ['pkg', 'install', '-yU'], status: 0 }, { command: ['zfs', 'list'] }],
  });
  expect(detailsJson(details(rollback))).toMatchObject({
    error: { code: 'busy', message: 'the dataset is busy', hint: 'jtx recover' },
    snapshot: null,
  });
});
