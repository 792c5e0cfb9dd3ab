import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectation, violations } from '../../crash/invariants.ts';
import { argumentsOf, type Scenario, scenarios } from '../../crash/scenarios.ts';
import { jtx, keepBase, reset } from '../../crash/world.ts';
import { deadline } from '../deadline.ts';

// crash-campaign SECONDS SEED: kills installs, failing ones too, at random instants until the time is over, recovers,
// and looks. Prints one JSON object.
const [seconds = '60', seed = '1'] = process.argv.slice(2);
const kinds = ['install', 'failing install', 'kept failure', 'running jail', 'rehearsal'].flatMap(
  (name) => scenarios[name] ?? [],
);
const [first] = kinds;
if (!first) throw new Error('no scenarios');

// Park and Miller's generator: the same seed, the same instants.
let state = Number(seed);
function random(): number {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
}

async function killAfter(scenario: Scenario, delay: number): Promise<void> {
  const child = spawn('jtx', argumentsOf(scenario), { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await Promise.race([sleep(delay), ended]);
  child.kill('SIGKILL');
  await ended;
}

first.base();
keepBase();
const found: string[] = [];
const end = Date.now() + Number(seconds) * 1000;
let kills = 0;
while (Date.now() < end) {
  const scenario = kinds[Math.floor(random() * kinds.length)] ?? first;
  const delay = Math.floor(random() * deadline(2000));
  reset();
  scenario.before();
  const expected = expectation(scenario.committed);
  await killAfter(scenario, delay);
  kills += 1;
  const recovered = jtx('recover');
  const where = `kill ${kills} after ${delay} ms of ${scenario.args('').join(' ')}`;
  if (recovered.status !== 0) found.push(`${where}: recover gave ${recovered.status}: ${recovered.said}`);
  for (const violation of violations(expected)) found.push(`${where}: ${violation}`);
}
process.stdout.write(`${JSON.stringify({ kills, seed: Number(seed), violations: found })}\n`);
