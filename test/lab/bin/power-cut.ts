import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Expectation, expectation, stateAfter, violations } from '../../crash/invariants.ts';
import { argumentsOf, scenarios } from '../../crash/scenarios.ts';
import { jtx, keepBase, must, reset } from '../../crash/world.ts';

// power-cut SCENARIO STEP...: one guest's part of the test; each step prints one JSON object when it is done.
// make: the jail that every run starts from. measure: how long a run takes. go: says so, and runs until the power is
// cut. look: recovers, and says what is wrong.
const [name = '', ...steps] = process.argv.slice(2);
const scenario = scenarios[name];
if (!scenario) throw new Error(`no scenario ${name}`);
const remembered = join(process.env['LAB_JAILS'] ?? '', '..', 'before');

function say(step: string, more: object = {}): void {
  writeSync(1, `${JSON.stringify({ step, ...more })}\n`);
}

/** Brings the jail to where a run begins, and what it looks like onto the disk. */
function begin(): void {
  reset();
  scenario?.before();
  const file = openSync(remembered, 'w');
  writeSync(file, JSON.stringify(expectation(scenario?.committed ?? '')));
  fsyncSync(file);
  closeSync(file);
  must('zpool', 'sync', process.env['LAB_POOL'] ?? '');
}

for (const step of steps) {
  if (step === 'make') {
    scenario.base();
    keepBase();
    say(step);
  } else if (step === 'measure') {
    begin();
    const start = Date.now();
    spawnSync('jtx', argumentsOf(scenario), { stdio: 'ignore' });
    say(step, { milliseconds: Date.now() - start });
  } else if (step === 'go') {
    begin();
    say(step);
    await once(spawn('jtx', argumentsOf(scenario), { stdio: 'ignore' }), 'exit');
    say('ended');
  } else {
    const recovered = jtx('recover');
    const expected: Expectation = JSON.parse(readFileSync(remembered, 'utf8'));
    const found = violations(expected);
    if (recovered.status !== 0) found.push(`recover gave ${recovered.status}: ${recovered.said}`);
    say(step, { state: stateAfter(expected), violations: found });
  }
}
