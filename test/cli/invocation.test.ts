import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withContext } from '../../src/cli/invocation.ts';
import { JtxError, refused } from '../../src/error.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'jtx-invocation-'));
  vi.stubEnv('JTX_JOURNAL', join(directory, 'journal.db'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const ended = (error: Error, signal?: NodeJS.Signals): Promise<unknown> =>
  withContext(true, async () => {
    if (signal) process.emit(signal);
    throw error;
  }).catch((thrown: unknown) => thrown);

test('what fails because a signal cut it off ends with that signal', async () => {
  const failure = refused('send-failed', 'zfs send was ended', 'Try again.');
  expect(await ended(failure, 'SIGTERM')).toMatchObject({
    code: 'send-failed',
    state: 'Nothing was changed.',
    hint: 'Try again.',
    signal: 15,
  });
  expect(await ended(failure)).toBe(failure);
});

test('a bug, and what needs a person, stay what they are', async () => {
  for (const error of [new TypeError('bug'), new JtxError({ code: 'x', outcome: 'stuck', message: 'x' })])
    expect(await ended(error, 'SIGINT')).toBe(error);
});
