import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endProcess } from '../../src/host/processes.ts';
import { complaint, type Finished, runCommand, signalGroup, succeeded } from '../../src/host/run.ts';
import { temporaryDirectory } from './temporary.ts';

const finished: Finished = { command: ['zfs', 'list'], status: 0, stdout: '', stderr: '', hung: false };

test.each([
  ['a success', ['true'], 0],
  ['a failure', ['sh', '-c', 'exit 42'], 42],
  ['a signal', ['sh', '-c', 'kill -9 $$'], 137],
  ['another', ['sh', '-c', 'kill -15 $$'], 143],
  ['a crash', ['sh', '-c', 'kill -11 $$'], 139],
  ['a missing program', ['/no/such/program'], 127],
] as const)('the status of %s', async (_what, command, status) => {
  expect(await runCommand(command)).toMatchObject({ command, status, hung: false });
});

test('arguments arrive as they are, and outputs are kept apart', async () => {
  const words = ['$HOME', '*', 'a b', '"', '; false', ''];
  const result = await runCommand(['sh', '-c', 'printf "<%s>" "$@"; echo err >&2', 'sh', ...words]);
  expect(result).toMatchObject({ stdout: '<$HOME><*><a b><"><; false><>', stderr: 'err\n' });
});

test('nothing of the environment but what is named, and no input', async () => {
  process.env['JTX_TEST_LEAK'] = '1';
  const result = await runCommand(['env']);
  delete process.env['JTX_TEST_LEAK'];
  const names = result.stdout
    .trim()
    .split('\n')
    .map((line) => line.split('=')[0]);
  expect(names.sort()).toEqual(['HOME', 'LC_ALL', 'PATH', 'TZ']);
  expect((await runCommand(['env'], { environment: { PATH: '/bin', A: 'b' } })).stdout).toBe(
    'PATH=/bin\nA=b\n',
  );
  expect((await runCommand(['cat'])).status).toBe(0);
});

test('it runs in a session of its own, whose group is its pid', async () => {
  let pid = 0;
  const result = await runCommand(['ps', '-o', 'pgid=,sid=', '-p', String(process.pid)], {
    onStart: (started) => {
      pid = started.pid;
    },
  });
  const own = await runCommand(['sh', '-c', 'ps -o pgid= -p $$'], {
    onStart: (started) => {
      pid = started.pid;
    },
  });
  expect(Number(own.stdout)).toBe(pid);
  expect(result.stdout.trim()).not.toContain(String(pid));
});

test('a silent command is ended with its whole group', async () => {
  const result = await runCommand(['sh', '-c', 'echo $$; sleep 60 & sleep 60'], { silence: 200 });
  expect(result).toMatchObject({ hung: true, status: 137 });
  const group = result.stdout.trim();
  const { stdout } = await runCommand(['ps', '-axo', 'pgid=,stat=']);
  const alive = stdout.split('\n').filter((line) => new RegExp(`^\\s*${group}\\s+[^Z]`).test(line));
  expect(alive).toEqual([]);
});

test('a daemon that keeps the outputs open is not waited for', async () => {
  const script = 'setsid sleep 20 & echo $!; echo err >&2; exit 3';
  const before = performance.now();
  const result = await runCommand(['sh', '-c', script]);
  expect(performance.now() - before).toBeLessThan(5000);
  expect(result).toMatchObject({ status: 3, stderr: 'err\n', hung: false });
  endProcess(Number(result.stdout));
});

test('a silent command is ended though a daemon of it keeps the outputs open', async () => {
  const result = await runCommand(['sh', '-c', 'setsid sleep 20 & echo $!; sleep 60'], { silence: 200 });
  expect(result).toMatchObject({ status: 137, hung: true });
  endProcess(Number(result.stdout));
});

test('output, and anything else that is heard of it, keeps it going', async () => {
  const chatty = await runCommand(['sh', '-c', 'for i in 1 2 3 4; do sleep 0.15; echo $i; done'], {
    silence: 400,
  });
  expect(chatty).toMatchObject({ hung: false, status: 0 });
  let timer: NodeJS.Timeout | undefined;
  const heard = await runCommand(['sleep', '0.8'], {
    silence: 400,
    alive: (hear) => {
      timer = setInterval(hear, 100);
    },
  });
  clearInterval(timer);
  expect(heard).toMatchObject({ hung: false, status: 0 });
});

test.each([
  ['prints nothing is ended', 'sleep 60', true],
  ['prints now and then goes on', 'for i in 1 2 3 4 5 6; do sleep 0.4; echo .; done', false],
])('what else is heard keeps it going for a while: one that %s', async (_what, script, hung) => {
  let timer: NodeJS.Timeout | undefined;
  const result = await runCommand(['sh', '-c', script], {
    silence: 200,
    alive: (hear) => {
      timer = setInterval(hear, 20);
    },
  });
  clearInterval(timer);
  expect(result).toMatchObject({ hung, status: hung ? 137 : 0 });
});

test('what is heard of a command that has ended starts no new silence', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  let hear: (() => void) | undefined;
  await runCommand(['true'], {
    alive: (listen) => {
      hear = listen;
    },
  });
  const before = timers();
  hear?.();
  expect(timers()).toBe(before);
});

test('it is ended when it is aborted, before or after it has started', async () => {
  const soon = await runCommand(['sleep', '60'], { abort: AbortSignal.timeout(100) });
  expect(soon).toMatchObject({ status: 137, hung: false });
  expect(await runCommand(['sleep', '60'], { abort: AbortSignal.abort() })).toMatchObject({ status: 137 });
});

test('both outputs in one file keep their order', async () => {
  const file = join(temporaryDirectory(), 'both');
  const stream = createWriteStream(file, { flags: 'a' });
  await once(stream, 'open');
  await runCommand(['sh', '-c', 'printf a; printf b >&2; printf c'], { mergedInto: stream });
  stream.destroy();
  expect(readFileSync(file, 'utf8')).toBe('abc');
});

test('a group that is gone is fine', () => {
  expect(() => signalGroup(2 ** 22 - 1, 'SIGKILL')).not.toThrow();
});

test.each([
  [
    'its first line on standard error',
    { status: 1, stderr: '\ncannot open\nusage:\n', stdout: 'x' },
    'cannot open',
  ],
  ['else on standard output', { status: 1, stdout: 'no\n' }, 'no'],
  ['else its status', { status: 3 }, 'exit status 3'],
  ['a missing program', { status: 127 }, 'the program was not found'],
  ['its silence', { hung: true, stderr: 'x' }, 'it was silent for too long and was ended'],
])('what it complains of: %s', (_what, ended, said) => {
  expect(complaint({ ...finished, ...ended })).toBe(said);
  expect(() => succeeded({ ...finished, ...ended })).toThrow(`zfs list: ${said}`);
});

test('a success is passed on', () => {
  expect(succeeded(finished)).toBe(finished);
});

test('output is kept up to what is asked for', async () => {
  const command = ['head', '-c', '200000', '/dev/zero'] as const;
  expect(await runCommand(command, { atMost: 100_000 })).toMatchObject({ status: 137, flooding: true });
  const all = await runCommand(command, { atMost: 300_000 });
  expect([all.status, all.stdout.length]).toEqual([0, 200_000]);
});

test('one that prints without end is ended at once with its whole group, whatever signals it ignores', async () => {
  const script = 'trap "" TERM PIPE; echo $$; sleep 60 & while :; do echo xxxxxxxxxxxxxxxx; done 2>/dev/null';
  const before = performance.now();
  const result = await runCommand(['sh', '-c', script], { atMost: 100_000, silence: 30_000 });
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(result).toMatchObject({ hung: false, flooding: true, status: 137 });
  expect(complaint(result)).toBe('it printed more than is kept and was ended');
  expect(() => succeeded(result)).toThrow('it printed more than is kept');
  const group = result.stdout.split('\n')[0];
  const { stdout } = await runCommand(['ps', '-axo', 'pgid=,stat=']);
  expect(stdout.split('\n').filter((line) => new RegExp(`^\\s*${group}\\s+[^Z]`).test(line))).toEqual([]);
});
