import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { lockAlone, lockRoot, lockShared } from '../../src/host/lock.ts';
import { runCommand } from '../../src/host/run.ts';
import { temporaryDirectory } from './temporary.ts';

const held = { code: 'all-busy', message: 'another one has it' };
const all = expect.objectContaining({ ...held, outcome: 'busy', hint: expect.any(String) });
const busy = expect.objectContaining({ code: 'jail-busy', outcome: 'busy' });

test('a root is locked once, and again after its release', () => {
  const directory = join(temporaryDirectory(), 'locks');
  const first = lockRoot(directory, '/jails/pg');
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(directory)) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
  expect(() => lockRoot(directory, '/jails/pg')).toThrow(busy);
  first.release();
  lockRoot(directory, '/jails/pg').release();
});

test('a lock that cannot be made is told, and is no bug', () => {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  const unmade = expect.objectContaining({ code: 'lock-unmade', outcome: 'refused' });
  expect(() => lockRoot(file, '/jails/pg')).toThrow(unmade);
  expect(() => lockRoot(join(file, 'locks'), '/jails/pg')).toThrow(unmade);
});

test('roots do not get in each other’s way', () => {
  const directory = temporaryDirectory();
  const locks = ['/jails/pg', '/jails/pg2', '/jails/PG'].map((root) => lockRoot(directory, root));
  for (const lock of locks) lock.release();
});

test('those who share a lock keep out who wants it alone, and he them', () => {
  const directory = temporaryDirectory();
  const shared = [lockShared(directory, 'all', held), lockShared(directory, 'all', held)];
  for (const lock of shared) {
    expect(() => lockAlone(directory, 'all', held)).toThrow(all);
    lock.release();
  }
  const alone = lockAlone(directory, 'all', held);
  expect(() => lockShared(directory, 'all', held)).toThrow(all);
  alone.release();
  lockShared(directory, 'all', held).release();
});

test.each(['alone', 'shared'])(
  'another process is kept out, and its death by SIGKILL is enough: %s',
  async (how) => {
    const directory = temporaryDirectory();
    const program = fileURLToPath(new URL('../../node_modules/.cache/jtx-lock-holder.mjs', import.meta.url));
    const source = fileURLToPath(new URL('lock-holder.ts', import.meta.url));
    await build({
      entryPoints: [source],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['better-sqlite3'],
    });
    const holder = spawn(process.execPath, [program, directory, '/jails/pg', how], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    expect(() => lockRoot(directory, '/jails/pg')).toThrow(busy);
    const ended = once(holder, 'exit');
    holder.kill('SIGKILL');
    await ended;
    lockRoot(directory, '/jails/pg').release();
  },
);

test('a command that outlives the lock does not keep it', async () => {
  const directory = temporaryDirectory();
  const lock = lockRoot(directory, '/jails/pg');
  const command = runCommand(['sleep', '0.5']);
  lock.release();
  lockRoot(directory, '/jails/pg').release();
  await command;
});
