import { readFileSync } from 'node:fs';

/** One run of a real pkg, as it was recorded. */
export interface Step {
  argv: string[];
  status: number;
  stdout: string;
  stderr: string;
  events: string;
  /** Packages as `name version`. */
  before: string[];
  after: string[];
}

interface Transcript {
  case: string;
  steps: Step[];
}

const transcripts: Transcript[] = JSON.parse(readFileSync('test/fixtures/pkg/transcripts.json', 'utf8'));

/** The run of a case whose arguments from the verb on are these, in one string. */
export function transcript(name: string, verb: string): Step {
  const steps = transcripts.find((entry) => entry.case === name)?.steps ?? [];
  const found = steps.find((step) => step.argv.join(' ').endsWith(` ${verb}`));
  if (!found) throw new Error(`${name}: no run of ${verb}`);
  return found;
}

/** Every recorded run. */
export function everyStep(): Step[] {
  return transcripts.flatMap((entry) => entry.steps);
}
