import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

// It never waits: between any two steps of whoever is watched it comes many times. What it makes way for it brings back.
const program = `
const { renameSync, symlinkSync, unlinkSync } = require('node:fs');
const [path, outside] = process.argv.slice(1);
const attempt = (action) => { try { action(); return true; } catch { return false; } };
process.stdout.write('ready');
const end = Date.now() + 60_000;
while (Date.now() < end) {
  if (!attempt(() => renameSync(path, path + '.was'))) continue;
  if (attempt(() => symlinkSync(outside, path))) attempt(() => unlinkSync(path));
  attempt(() => renameSync(path + '.was', path));
}`;

/** Somebody who swaps a directory for a link to another place and back, for as long as the test runs. */
export async function startSwapping(path: string, outside: string): Promise<void> {
  const swapper: ChildProcess = spawn(process.execPath, ['-e', program, path, outside], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    swapper.kill('SIGKILL');
  });
  if (swapper.stdout) await once(swapper.stdout, 'data');
}
