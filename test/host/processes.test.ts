import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endProcess, listProcesses, parseProcesses, parseUsers, usersOf } from '../../src/host/processes.ts';
import { runCommand } from '../../src/host/run.ts';
import { isAlive } from './is-alive.ts';
import { scripted } from './scripted.ts';

test('ps of FreeBSD and of Linux', () => {
  const text = [
    '    0     0 Tue Nov 24 07:52:01 2026 [kernel]',
    ' 1234  1200 Sun Nov  1 00:00:09 2026 pkg -c /jails/pg install -y  x',
    '99999 99999 Tue Nov 24 07:52:01 2026 sh',
    '',
  ].join('\n');
  expect(parseProcesses(text)).toEqual([
    { pid: 0, group: 0, started: Date.UTC(2026, 10, 24, 7, 52, 1), command: '[kernel]' },
    {
      pid: 1234,
      group: 1200,
      started: Date.UTC(2026, 10, 1, 0, 0, 9),
      command: 'pkg -c /jails/pg install -y  x',
    },
    { pid: 99999, group: 99999, started: Date.UTC(2026, 10, 24, 7, 52, 1), command: 'sh' },
  ]);
});

test('a line end in the arguments of a process makes no other process', () => {
  const text = '  7     7 Tue Nov 24 07:52:01 2026 sh -c a\nb 8 8\n';
  expect(parseProcesses(text)).toHaveLength(1);
});

test('the real ps lists this process, with the time of its start', async () => {
  const found = (await listProcesses(runCommand)).find((entry) => entry.pid === process.pid);
  expect(found?.command).toContain('node');
  const started = Date.now() - process.uptime() * 1000;
  expect(Math.abs((found?.started ?? 0) - started)).toBeLessThan(3000);
});

test('no ps, no claim that nothing runs', async () => {
  const { run } = scripted({ ps: { status: 1, stderr: 'ps: illegal option\n' } });
  await expect(listProcesses(run)).rejects.toMatchObject({ code: 'command-failed' });
});

test.each([
  ['nothing', '', []],
  [
    'FreeBSD',
    '/jails/pg:  812jr 900c\n',
    [
      { pid: 812, rooted: true },
      { pid: 900, rooted: false },
    ],
  ],
  [
    'Linux',
    '/jails/pg:            812rce   900c\n',
    [
      { pid: 812, rooted: true },
      { pid: 900, rooted: false },
    ],
  ],
  ['a path with digits and a colon', '/jails/pg: 12:  34c\n', [{ pid: 34, rooted: false }]],
  ['one process on two file systems', '/a: 12c\n/a/b: 12r\n/a/c: 12c\n', [{ pid: 12, rooted: true }]],
  ['a file system that nobody uses', '/a:\n/b: 7\n', [{ pid: 7, rooted: false }]],
])('fuser: %s', (_what, text, users) => {
  expect(parseUsers(text)).toEqual(users);
});

test('the real fuser knows who stands in a file system, and leaves this process out', async () => {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'jtx-test-'));
  let pid = 0;
  const sleeper = runCommand(['sleep', '20'], {
    onStart: (started) => {
      pid = started.pid;
    },
  });
  try {
    const users = await usersOf(runCommand, [directory]);
    expect(users.map((user) => user.pid)).not.toContain(process.pid);
  } finally {
    endProcess(pid);
    await sleeper;
    rmSync(directory, { recursive: true });
  }
});

test('nobody is asked about no file systems', async () => {
  expect(await usersOf(scripted({}).run, [])).toEqual([]);
});

test('no fuser, no claim that nobody uses a file system', async () => {
  const { run } = scripted({ fuser: { status: 127 } });
  await expect(usersOf(run, ['/jails/pg'])).rejects.toMatchObject({ code: 'command-failed' });
});

test('a process is alive until it is ended, and ended once is enough', async () => {
  let pid = 0;
  const sleeper = runCommand(['sleep', '20'], {
    onStart: (started) => {
      pid = started.pid;
    },
  });
  expect(isAlive(pid)).toBe(true);
  endProcess(pid);
  expect((await sleeper).status).toBe(137);
  expect(isAlive(pid)).toBe(false);
  endProcess(pid);
});
