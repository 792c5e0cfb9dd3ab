import { type Expectation, expectation, violations } from '../../crash/invariants.ts';
import { argumentsOf, scenarios } from '../../crash/scenarios.ts';
import { jtx, jtxKilledAt, keepBase, reset } from '../../crash/world.ts';

// crash-matrix SCENARIO [EVERY [FIRST]]: kills one run at each point of it (or at each EVERYth), recovers, and looks.
// Prints one JSON object: the points, and what was violated at which.
const [name = '', every = '1', first = '1'] = process.argv.slice(2);
const scenario = scenarios[name];
if (!scenario) throw new Error(`no scenario ${name}`);

scenario.base();
keepBase();
reset();
const base = expectation(scenario.committed);
scenario.before();
const { points, status, said } = jtxKilledAt(0, argumentsOf(scenario));
const found: string[] = status === null ? [`the run itself failed: ${said}`] : [];
let killed = 0;
for (let at = Number(first); at <= points; at += Number(every)) {
  reset();
  scenario.before();
  // What recovery finds is half done: the jail must be as before that.
  const expected: Expectation = name === 'recovery' ? base : expectation(scenario.committed);
  jtxKilledAt(at, argumentsOf(scenario));
  killed += 1;
  const recovered = jtx('recover');
  if (recovered.status !== 0) found.push(`point ${at}: recover gave ${recovered.status}: ${recovered.said}`);
  for (const violation of violations(expected)) found.push(`point ${at}: ${violation}`);
}
process.stdout.write(`${JSON.stringify({ scenario: name, points, killed, violations: found })}\n`);
