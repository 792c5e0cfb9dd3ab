import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/program.ts';
import { plainEnding } from '../../src/transaction/ending.ts';
import { recoverAll } from '../../src/transaction/recover.ts';

vi.mock('../../src/transaction/recover.ts', { spy: true });

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'jtx-recover-'));
  vi.stubEnv('JTX_JOURNAL', join(directory, 'journal.db'));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const recovered = plainEnding({
  id: '01K00000000000000000000000',
  jail: 'web',
  verb: 'install',
  state: 'rolled-back',
  code: 'recovered',
  message: 'jtx had ended before the transaction did',
});

test('a script is told of what was put right as of any transaction', async () => {
  vi.mocked(recoverAll).mockResolvedValue({ endings: [recovered], bugs: [] });
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  expect(await main(['node', 'jtx', 'recover', '--json'])).toBe(0);
  const { code, message, hint } = recovered;
  expect(JSON.parse(text)).toMatchObject({
    verb: 'recover',
    restored: 0,
    transactions: [{ id: recovered.id, state: 'rolled-back', error: { code, message, hint } }],
  });
});

test('an error that nobody expects is thrown once all that was put right is told', async () => {
  const bug = new RangeError('out of range');
  vi.mocked(recoverAll).mockResolvedValue({ endings: [recovered], bugs: [bug] });
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await expect(main(['node', 'jtx', 'recover'])).rejects.toBe(bug);
  expect(text).toContain('web: rolled back');
});
