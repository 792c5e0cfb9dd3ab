import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { temporaryDirectory } from './sample.ts';

const writes = ['begin', 'enter', 'started', 'finished', 'end', 'settle'];

test('what was said to be written is there after kill -9, wherever it fell', async () => {
  const directory = temporaryDirectory();
  const program = join(directory, 'child.cjs');
  await build({
    entryPoints: ['test/journal/crash-child.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['better-sqlite3'],
    logLevel: 'warning',
  });
  const file = join(directory, 'journal.db');
  // Each round goes on with the journal that the last one left behind.
  for (let round = 0; round < 12; round += 1) {
    const said = await runAndKill(program, file, 1 + round * 7);
    const journal = Journal.open(file);
    for (const [id, last] of lastWrites(said)) {
      const row = journal.transaction(id);
      const reached = writes.indexOf(last);
      expect(row, `${last} ${id}`).toBeDefined();
      if (reached >= 1) expect(journal.steps(id)).toHaveLength(1);
      if (reached >= 2) expect(journal.commands(id)).toHaveLength(1);
      if (reached >= 3) expect(journal.inFlight(id)).toEqual([]);
      if (reached >= 4) expect(row?.state).toBe('committed');
      if (reached >= 5) expect(row?.settled).toBe(true);
    }
    // At most the one that was under way in each round is unsettled.
    expect(journal.unsettled().length).toBeLessThanOrEqual(round + 1);
    journal.close();
    const database = new Database(file, { readonly: true });
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    database.close();
  }
});

/** Lets the child say this many writes and kills it; gives everything that it said. */
async function runAndKill(program: string, file: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_PATH: resolve('node_modules') },
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
    if (output.split('\n').length > lines) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  return output.split('\n').slice(0, -1);
}

function lastWrites(said: readonly string[]): Map<string, string> {
  return new Map(said.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
}
