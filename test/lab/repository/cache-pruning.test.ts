import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pruneBuilds } from './cache-pruning.ts';

it('removes what is old, and nothing that may be in use', async () => {
  const all = mkdtempSync(join(tmpdir(), 'lab-cache-'));
  const hours = { '.build-dead': 2, '.build-live': 0.5, unused: 24 * 15, used: 24 };
  for (const [name, age] of Object.entries(hours)) {
    mkdirSync(join(all, name));
    const then = Date.now() / 1000 - age * 3600;
    utimesSync(join(all, name), then, then);
  }
  await pruneBuilds(all);
  expect(readdirSync(all).sort()).toEqual(['.build-live', 'used']);
  rmSync(all, { recursive: true });
});
