import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { type Finished, type Run, runCommand } from '../../src/host/run.ts';
import { endLeftovers, endRooted } from '../../src/transaction/processes.ts';
import { isAlive } from '../host/is-alive.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
});

function sleeper(): number {
  const child = spawn('sleep', ['60']);
  started.push(child);
  return child.pid ?? 0;
}

/** A fuser(1) that prints one of these after the other, and the last of them for ever. */
function fuser(listings: (() => string)[]): { run: Run; asked: () => number } {
  let asked = 0;
  const run: Run = async (command, { mergedInto } = {}): Promise<Finished> => {
    const listing = listings[Math.min(asked, listings.length - 1)]?.() ?? '';
    asked += 1;
    await new Promise((written) => mergedInto?.write(listing, written));
    return { command, status: 0, stdout: '', stderr: '', hung: false };
  };
  return { run, asked: () => asked };
}

test('one that has gone by itself may have left another, which is ended too', async () => {
  const gone = spawn('true');
  await once(gone, 'exit');
  const left = sleeper();
  const { run, asked } = fuser([
    () => `/jails/web: ${gone.pid}rc\n`,
    () => `/jails/web: ${left}rc\n`,
    () => '/jails/web:\n',
  ]);
  await endRooted(run, ['/jails/web']);
  await expect.poll(() => isAlive(left)).toBe(false);
  expect(asked()).toBe(3);
});

test("a person's shell that merely stands there lives on, and is not waited for", async () => {
  const shell = sleeper();
  const { run, asked } = fuser([() => `/jails/web: ${shell}c\n`]);
  await endRooted(run, ['/jails/web']);
  expect([isAlive(shell), asked()]).toEqual([true, 1]);
});

test.each([
  ['that jtx had begun is ended', 0, false],
  ['that has got the number of one from before a reboot lives on', 3_600_000, true],
])('a process group %s', async (_what, ago, lives) => {
  const child = spawn('sleep', ['60'], { detached: true });
  started.push(child);
  const then = Date.now() - ago;
  const left = { command: ['pkg', 'install'], pid: child.pid ?? 0, pidStarted: then, started: then };
  await endLeftovers(runCommand, [left], '/.jtx-01K7A0000000000000000000A1');
  await expect.poll(() => isAlive(child.pid ?? 0)).toBe(lives);
});
