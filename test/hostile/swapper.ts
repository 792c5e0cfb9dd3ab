import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from '../host/temporary.ts';

// It never waits: between any two steps of whoever is watched it comes many times. What it makes way for it brings back.
const program = `
const { renameSync } = require('node:fs');
const [path, other] = process.argv.slice(1);
const attempt = (action) => { try { action(); return true; } catch { return false; } };
process.stdout.write('ready');
const end = Date.now() + 60_000;
while (Date.now() < end) {
  if (!attempt(() => renameSync(path, path + '.was'))) continue;
  if (attempt(() => renameSync(other, path))) attempt(() => renameSync(path, other));
  attempt(() => renameSync(path + '.was', path));
}`;

/** Somebody who swaps a directory for a link to another place and back, for as long as the test runs. */
export function startSwapping(path: string, outside: string): Promise<void> {
  const link = join(temporaryDirectory(), 'link');
  symlinkSync(outside, link);
  return startSwappingFor(path, link);
}

/** The same for a directory of his own. */
export async function startSwappingFor(path: string, other: string): Promise<void> {
  const swapper: ChildProcess = spawn(process.execPath, ['-e', program, path, other], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    swapper.kill('SIGKILL');
  });
  if (swapper.stdout) await once(swapper.stdout, 'data');
}
