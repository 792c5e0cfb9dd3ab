import { usage } from '../error.ts';
import type { Finished } from '../host/run.ts';
import type { Exec } from '../jail/throw-away.ts';
import type { Verification } from './verification.ts';
import { splitWords } from './words.ts';

/** A command that has to succeed inside the jail. */
export interface Probe {
  command: readonly string[];
  /** What its output must match, and how that is shown; else as it is written. */
  expect: RegExp | undefined;
  shown?: string;
}

/** Reads `--verify` and `--expect`: each expectation stands at the place of its command. Throws `usage`. */
export function parseProbes(verify: readonly string[], expect: readonly (string | undefined)[]): Probe[] {
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

const outputKept = 64 * 1024;

/** Runs one probe inside the jail, for at most `deadline` milliseconds. */
export async function runProbe(exec: Exec, probe: Probe, deadline: number): Promise<Verification> {
  const over = AbortSignal.timeout(deadline);
  const finished = await exec(probe.command, {
    changes: true,
    lasting: true,
    abort: over,
    silence: deadline,
  });
  const output = (finished.stdout + finished.stderr).slice(-outputKept);
  const fault =
    over.aborted || finished.hung ? `it did not end within ${deadline / 1000} s` : faultOf(finished, probe);
  return {
    tier: 'probe',
    subject: probe.command.join(' '),
    expected: probe.shown ?? probe.expect?.source ?? null,
    passed: fault === undefined,
    output: fault === undefined ? output : `${fault}\n${output}`,
  };
}

function faultOf({ status, stdout, stderr, flooding }: Finished, probe: Probe): string | undefined {
  if (flooding) return 'it printed more than is kept';
  const jexec = status === 1 ? /^jexec: (.*)$/m.exec(stderr)?.[1] : undefined;
  if (jexec?.startsWith('execvp: ')) {
    return /No such file/.test(jexec)
      ? `there is no such program in the jail: ${probe.command[0] ?? ''}`
      : `it cannot be run in the jail: ${jexec.slice('execvp: '.length)}`;
  }
  if (jexec !== undefined) return `jexec: ${jexec}`;
  if (status > 128 && status < 128 + 65) return `it was ended by signal ${signalName(status - 128)}`;
  if (status !== 0) return `it ended with status ${status}`;
  if (probe.expect && !probe.expect.test(stdout + stderr)) {
    return probe.shown === undefined
      ? `its output does not match ${probe.expect.source}`
      : `it does not print ${probe.shown}`;
  }
  return undefined;
}

/** FreeBSD's numbers: 10 and 12 are other signals elsewhere. */
const signalNames = new Map([
  [1, 'HUP'],
  [2, 'INT'],
  [4, 'ILL'],
  [6, 'ABRT'],
  [8, 'FPE'],
  [9, 'KILL'],
  [10, 'BUS'],
  [11, 'SEGV'],
  [12, 'SYS'],
  [13, 'PIPE'],
  [15, 'TERM'],
]);

function signalName(signal: number): string {
  const name = signalNames.get(signal);
  return name === undefined ? String(signal) : `${signal} (SIG${name})`;
}
