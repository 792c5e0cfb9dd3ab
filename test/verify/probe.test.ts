import { expect, test } from 'vitest';
import type { Finished } from '../../src/host/run.ts';
import { runCommand } from '../../src/host/run.ts';
import { parseProbes, runProbe } from '../../src/verify/probe.ts';
import { recordedRun } from '../host/recording.ts';

const usage = expect.objectContaining({ code: 'usage', outcome: 'usage' });

function ends(finished: Partial<Finished>) {
  return async (words: readonly string[]): Promise<Finished> => {
    const [program = '', ...rest] = words;
    return { command: [program, ...rest], status: 0, stdout: '', stderr: '', hung: false, ...finished };
  };
}

const version = { command: ['postgres', '--version'], expect: /17\.2/m };

test('an expectation belongs to the command at its place', () => {
  expect(parseProbes(['a -v', 'b', 'c', 'd'], ['1\\.2', undefined, '^x$'])).toEqual([
    { command: ['a', '-v'], expect: /1\.2/m },
    { command: ['b'], expect: undefined },
    { command: ['c'], expect: /^x$/m },
    { command: ['d'], expect: undefined },
  ]);
});

test.each([
  ['no regular expression', ['a'], ['(']],
  ['an empty command', [''], []],
])('%s is refused', (_what, verify, expected) => {
  expect(() => parseProbes(verify, expected)).toThrow(usage);
});

test('a probe passes by its status and what it prints on either output', async () => {
  for (const printed of [{ stdout: 'postgres 17.2\n' }, { stderr: 'postgres 17.2\n' }]) {
    expect(await runProbe(ends(printed), version, 1000)).toMatchObject({
      tier: 'probe',
      subject: 'postgres --version',
      expected: '17\\.2',
      passed: true,
      output: 'postgres 17.2\n',
    });
  }
});

test('without an expectation the status decides', async () => {
  const probe = { command: ['true'], expect: undefined };
  expect(await runProbe(ends({}), probe, 1000)).toMatchObject({ passed: true, expected: null });
  expect(await runProbe(ends({ status: 3 }), probe, 1000)).toMatchObject({
    passed: false,
    output: 'it ended with status 3\n',
  });
});

test('another output than the one expected fails, and is shown', async () => {
  expect(await runProbe(ends({ stdout: 'postgres 16.1\n' }), version, 1000)).toMatchObject({
    passed: false,
    output: 'its output does not match 17\\.2\npostgres 16.1\n',
  });
});

test.each([
  ['jexec pg nope', 'there is no such program in the jail: postgres'],
  ['jexec pg /etc/old.txt', 'it cannot be run in the jail: /etc/old.txt: Permission denied'],
  ['jexec nosuch /usr/bin/true', 'jexec: jail "nosuch" not found'],
  ['jexec pg /bin/sh -c "kill -9 \\$\\$"', 'it was ended by signal 9 (SIGKILL)'],
  ['jexec pg /bin/sh -c "kill -15 \\$\\$"', 'it was ended by signal 15 (SIGTERM)'],
  ['jexec pg /bin/sh -c "exit 42"', 'it ended with status 42'],
])('as recorded: %s', async (command, fault) => {
  const { status, output } = recordedRun('jls-jexec', command);
  const result = await runProbe(ends({ status, stderr: output }), version, 1000);
  expect(result.passed).toBe(false);
  expect(result.output.split('\n')[0]).toBe(fault);
});

test('a probe that does not end is ended', async () => {
  const probe = { command: ['sh', '-c', 'while :; do echo 17.2; sleep 0.02; done'], expect: /17/m };
  const [program, ...rest] = ['sh', ...probe.command.slice(1)] as const;
  const result = await runProbe((_words, options) => runCommand([program, ...rest], options), probe, 300);
  expect(result.passed).toBe(false);
  expect(result.output).toMatch(/^it did not end within 0\.3 s\n17\.2/);
});

test('a probe that prints without end is ended, whatever it prints', async () => {
  const result = await runProbe(ends({ stdout: 'postgres 17.2\n', flooding: true }), version, 1000);
  expect(result).toMatchObject({ passed: false, output: 'it printed more than is kept\npostgres 17.2\n' });
  const long = await runProbe(ends({ stdout: `${'x'.repeat(10_000_000)}17.2\n` }), version, 1000);
  expect([long.passed, long.output.length < 100_000]).toEqual([true, true]);
});
