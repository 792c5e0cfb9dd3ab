import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// A guest is killed as it stands, as by a power cut, while jtx runs in it; the next one finds the pool, the jail and
// the journal on the disk that is left, recovers, and looks. Driven from outside: it is no part of a run in a guest.

interface Said {
  step: string;
  milliseconds?: number;
  state?: string;
  violations?: string[];
}

const cuts = Number(process.env['JTX_POWER_CUTS']);
const seed = Number(process.env['JTX_POWER_CUT_SEED'] ?? 1 + (Date.now() % 1_000_000));
const names = ['install', 'failing install', 'upgrade', 'rollback'];
const perScenario = Math.ceil(cuts / names.length);

/** Park and Miller's generator: the same seed, the same instants. Its first number of neighbouring seeds is alike. */
function randomNumbers(from: number): () => number {
  let state = from;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  random();
  return random;
}

/** A guest with a disk, and what the program in it has said. */
class Guest {
  readonly #process: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;

  constructor(disk: string, how: 'new' | 'again', scenario: string, steps: readonly string[]) {
    const command = ['test/crash/on-disk', how, 'node', 'dist/lab/power-cut.js', scenario, ...steps];
    const lab = ['scripts/lab', '--zfs', 'openzfs', ...command];
    const child = spawn('test/lab/openzfs/run', ['--disk', disk, ...lab], {
      env: { ...process.env, JTX_LAB_FIXTURE_REPOSITORIES: '1', LAB_GUEST_MEMORY: '1G' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    this.#gone = once(child, 'close');
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Waits until a step is done; throws where the guest ends before. */
  async has(step: string): Promise<Said> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`the guest ended before it said ${step}`);
      const said: Said = JSON.parse(value);
      if (said.step === step) return said;
    }
  }

  /** Everything ends at once, and nothing is written any more. Gives whether the run had ended before. */
  async cut(): Promise<boolean> {
    this.#process.kill('SIGTERM');
    let ended = false;
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) {
      ended ||= next.value.includes('"ended"');
    }
    await this.#gone;
    return ended;
  }
}

describe.concurrent(`the power is cut (seed ${seed})`, { timeout: (2 + cuts) * 5 * 60_000 }, () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync('/var/tmp/jtx-power-cut.');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.each(names)('during %s: the jail is as before or committed', async (name) => {
    const disk = join(directory, `${names.indexOf(name)}.img`);
    writeFileSync(disk, '');
    truncateSync(disk, 1024 ** 3);
    const random = randomNumbers(seed + names.indexOf(name));
    const found: string[] = [];
    const states: string[] = [];
    let guest = new Guest(disk, 'new', name, ['make', 'measure', 'go']);
    const { milliseconds = 0 } = await guest.has('measure');
    for (let cut = 1; cut <= perScenario; cut += 1) {
      await guest.has('go');
      const delay = Math.floor(random() * milliseconds * 1.1);
      await sleep(delay);
      const ended = await guest.cut();
      guest = new Guest(disk, 'again', name, cut < perScenario ? ['look', 'go'] : ['look']);
      const { state = '', violations = ['no answer'] } = await guest.has('look');
      states.push(`${state} after ${delay} ms${ended ? ' (it had ended)' : ''}`);
      for (const violation of violations) found.push(`cut ${cut} after ${delay} ms: ${violation}`);
      const due = name === 'failing install' ? 'rolled-back' : 'committed';
      if (ended && state !== due) found.push(`cut ${cut} after the end: ${state}, and not ${due}`);
    }
    await guest.cut();
    console.log(
      `${name}: ${perScenario} power cuts in runs of ${milliseconds} ms, ${found.length} violations: ${states.join(', ')}`,
    );
    expect(found).toEqual([]);
    expect(states).toHaveLength(perScenario);
  });
});
