import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { Journal } from '../../src/journal/journal.ts';
import type { Context } from '../../src/transaction/context.ts';
import { leaveAsItIs } from '../../src/transaction/leave.ts';
import { endLeftovers } from '../../src/transaction/processes.ts';
import { silent } from '../../src/transaction/progress.ts';
import { recoverAll, recoverUnsettled } from '../../src/transaction/recover.ts';
import { newTransaction, temporaryDirectory } from '../journal/sample.ts';

vi.mock('../../src/transaction/processes.ts', () => ({ endLeftovers: vi.fn() }));
vi.mock('../../src/jail/throw-away.ts', () => ({ removeThrowAwayJail: vi.fn(), throwAwayName: () => '' }));
vi.mock('../../src/transaction/remains.ts', async (load: () => Promise<object>) => ({
  ...(await load()),
  findRemains: async () => ({ verb: 'run', state: 'open', step: undefined, snapshots: 'none' }),
}));
vi.mock('../../src/transaction/finish.ts', () => ({
  finish: async () => ({ state: 'rolled-back', aside: null, restart: false }),
  managedJail: async () => ({ name: 'x', root: '/jails/x', configured: true }),
}));
vi.mock('../../src/transaction/settle.ts', () => ({
  settle: async (record: { write(action: (journal: Journal) => void): void; id: string }) => {
    record.write((journal) => journal.settle(record.id, Date.now()));
    return [];
  },
}));

const [first, second] = ['01K7A0000000000000000000B1', '01K7A0000000000000000000B2'];

/** Two jails, of each a transaction that was cut off; of the first of them an error comes that nobody expects. */
function twoLeft(): { context: Context; bug: Error } {
  const directory = temporaryDirectory();
  const journal = Journal.open(join(directory, 'journal.db'));
  for (const [id, jail] of [
    [first, 'hostile'],
    [second, 'web'],
  ] as const) {
    const { snapshot: _, ...row } = newTransaction({ id, jail, root: `/jails/${jail}`, ran: true });
    journal.begin(row);
  }
  const bug = new RangeError('ENAMETOOLONG: name too long');
  vi.mocked(endLeftovers).mockReset().mockRejectedValueOnce(bug);
  const context: Context = {
    config: { ...parseConfig('', 'jtx.toml'), journal: join(directory, 'journal.db') },
    journal,
    progress: silent,
    interrupt: new AbortController().signal,
    environment: {},
  };
  return { context, bug };
}

test('an unexpected error of one jail keeps no other from being put right, and is given for after that', async () => {
  const { context, bug } = twoLeft();
  const { endings, bugs } = await recoverAll(context);
  expect(endings).toMatchObject([
    { id: first, state: 'stuck', code: 'unexpected', message: bug.message },
    { id: second, state: 'rolled-back', code: 'recovered' },
  ]);
  expect(bugs).toEqual([bug]);
  expect(context.journal.unsettled().map(({ id, state }) => [id, state])).toEqual([[first, 'stuck']]);
  // The next recovery does not meet it again: all is well.
  expect((await recoverAll(context)).bugs).toEqual([]);
});

test('what it left stuck can be left as it is', async () => {
  const { context } = twoLeft();
  await recoverAll(context);
  expect(await leaveAsItIs(context, first)).toMatchObject({ id: first, state: 'stuck' });
  expect(context.journal.unsettled()).toEqual([]);
});

test('before another change of the jail it is refused as stuck, and the error is the cause', async () => {
  const { context, bug } = twoLeft();
  await expect(recoverUnsettled(context, 'hostile', '/jails/hostile')).rejects.toMatchObject({
    code: 'jail-stuck',
    outcome: 'stuck',
    cause: bug,
  });
});
