import { usage } from '../error.ts';
import { complaint, type Finished } from '../host/run.ts';
import type { Exec } from '../jail/throw-away.ts';
import { splitWords } from './words.ts';

/** A command that has to succeed inside the jail. */
export interface Probe {
  command: readonly string[];
  /** What its output must match. */
  expect: RegExp | undefined;
}

/** A check and its result, as it is journalled. */
export interface Verification {
  tier: 'changes' | 'check' | 'static' | 'probe';
  subject: string;
  expected: string | null;
  passed: boolean;
  output: string;
}

/** Reads `--verify` and `--expect`: the n-th expectation belongs to the n-th command. Throws `usage`. */
export function parseProbes(verify: readonly string[], expect: readonly string[]): Probe[] {
  if (expect.length > verify.length) throw usage('there are more --expect than --verify');
  return verify.map((text, index) => ({ command: splitWords(text), expect: expectation(expect[index]) }));
}

function expectation(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text, 'm');
  } catch {
    throw usage(`--expect ${text}: not a regular expression`);
  }
}

/** Runs one probe inside the jail, for at most `deadline` milliseconds. */
export async function runProbe(exec: Exec, probe: Probe, deadline: number): Promise<Verification> {
  const over = AbortSignal.timeout(deadline);
  const finished = await exec(probe.command, {
    changes: true,
    lasting: true,
    abort: over,
    silence: deadline,
  });
  const output = finished.stdout + finished.stderr;
  const fault =
    over.aborted || finished.hung ? `it did not end within ${deadline / 1000} s` : faultOf(finished, probe);
  return {
    tier: 'probe',
    subject: probe.command.join(' '),
    expected: probe.expect?.source ?? null,
    passed: fault === undefined,
    output: fault === undefined ? output : `${fault}\n${output}`,
  };
}

function faultOf(finished: Finished, probe: Probe): string | undefined {
  if (finished.status === 1 && /^jexec: execvp:/m.test(finished.stderr)) return complaint(finished);
  if (finished.status !== 0) return `it ended with status ${finished.status}`;
  if (probe.expect && !probe.expect.test(finished.stdout + finished.stderr)) {
    return `its output does not match ${probe.expect.source}`;
  }
  return undefined;
}
