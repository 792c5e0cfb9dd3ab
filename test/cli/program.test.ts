import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/program.ts';

const written = { stdout: '', stderr: '' };

beforeEach(() => {
  for (const name of ['stdout', 'stderr'] as const) {
    written[name] = '';
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  }
});
afterEach(() => vi.restoreAllMocks());

const jtx = (...words: string[]): Promise<number> => main(['node', 'jtx', ...words]);

test.each([
  ['a word that is missing', ['install', 'web', '--json'], "missing required argument 'package'"],
  ['an unknown option', ['status', '--json', '--wrong'], "unknown option '--wrong'"],
  ['a wrong value', ['history', '--json', '-n', '0'], 'It must be a whole number'],
  ['a verb that is none', ['instal', '--json'], "unknown command 'instal'"],
  ['an unknown option of what tells events', ['install', '--ndjson', '--wrong'], "unknown option '--wrong'"],
  ['what jtx itself refuses', ['install', '--json', 'web', '--', '-x'], '"-x" is no name of a package'],
])('a script is told in JSON of %s', async (_what, words, message) => {
  expect(await jtx(...words)).toBe(2);
  expect(JSON.parse(written.stdout)).toEqual({
    jtx: 1,
    verb: words[0],
    error: {
      code: 'usage',
      message: expect.stringContaining(message),
      state: 'Nothing was changed.',
      hint: words.includes('-x') ? expect.any(String) : null,
    },
  });
});

test('where there is no verb none is told', async () => {
  expect(await jtx('--json')).toBe(2);
  expect(JSON.parse(written.stdout)).toMatchObject({ verb: '', error: { code: 'usage' } });
});

test('a person is told in words, though the command that is to be run has an option of that name', async () => {
  expect(await jtx('run', '../web', '--', 'npm', 'ls', '--json')).toBe(2);
  expect(written.stdout).toBe('');
  expect(written.stderr).toContain('jtx: ');
});

test.each([
  [['install', 'web'], '(jtx install --help shows how)'],
  [['aside', 'show'], '(jtx aside show --help shows how)'],
  [['instal'], '(jtx --help shows how)'],
])('a slip is told with what shows how it is done: %s', async (words, how) => {
  expect(await jtx(...words)).toBe(2);
  expect(written.stderr).toContain(how);
});

test('help is no error', async () => {
  expect(await jtx('status', '--help', '--json')).toBe(0);
  expect(written.stdout).toContain('Usage: jtx status');
});
