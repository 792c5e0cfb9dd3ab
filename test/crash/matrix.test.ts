import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

interface Matrix {
  points: number;
  killed: number;
  violations: string[];
}

async function matrix(scenario: string): Promise<Matrix> {
  const environment = { ...process.env, JTX_LAB_FIXTURE_REPOSITORIES: '1' };
  const lab = spawn('scripts/lab', ['node', 'dist/lab/crash-matrix.js', scenario], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await Promise.all([text(lab.stdout), once(lab, 'exit')]);
  return JSON.parse(said.trim().split('\n').at(-1) ?? '');
}

describe.concurrent('killed at every point', { timeout: 20 * 60_000 }, () => {
  it.each([
    ['install', 100],
    ['failing install', 100],
    ['upgrade', 100],
    ['rollback', 40],
    ['recovery', 40],
  ])('%s leaves the jail as before or committed', async (scenario, least) => {
    const { points, killed, violations } = await matrix(scenario);
    console.log(`${scenario}: killed at ${killed} points, ${violations.length} violations`);
    expect(violations).toEqual([]);
    expect(points).toBeGreaterThanOrEqual(least);
    expect(killed).toBe(points);
  });
});
