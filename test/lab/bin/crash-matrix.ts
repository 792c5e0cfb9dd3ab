import { violations } from '../../crash/invariants.ts';
import { scenarios } from '../../crash/scenarios.ts';
import { jtx, jtxKilledAt, keepBase, manifest, reset } from '../../crash/world.ts';

// crash-matrix SCENARIO [EVERY]: kills one run at each point of it (or at each EVERYth), recovers, and looks.
// Prints one JSON object: the points, and what was violated at which.
const [name = '', every = '1', first = '1'] = process.argv.slice(2);
const scenario = scenarios[name];
if (!scenario) throw new Error(`no scenario ${name}`);

scenario.base();
keepBase();
reset();
const base = manifest();
scenario.before();
const { points, status, said } = jtxKilledAt(0, scenario.args);
const found: string[] = status === null ? [`the run itself failed: ${said}`] : [];
let killed = 0;
for (let at = Number(first); at <= points; at += Number(every)) {
  reset();
  scenario.before();
  const before = name === 'recovery' ? base : manifest();
  jtxKilledAt(at, scenario.args);
  killed += 1;
  const recovered = jtx('recover');
  if (recovered.status !== 0) found.push(`point ${at}: recover gave ${recovered.status}: ${recovered.said}`);
  const expected = {
    before,
    verb: scenario.verb,
    committed: scenario.committed,
    snapshots: scenario.snapshots,
  };
  for (const violation of violations(expected)) found.push(`point ${at}: ${violation}`);
}
process.stdout.write(`${JSON.stringify({ scenario: name, points, killed, violations: found })}\n`);
