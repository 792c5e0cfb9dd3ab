import { type Finished, type Run, type RunOptions, succeeded } from '../host/run.ts';
import { listRunning } from './running.ts';

/** A jail that exists for one purpose and goes with it. */
export interface ThrowAwayJail {
  name: string;
  root: string;
  hostname: string;
}

/** Runs a command inside the jail. */
export type Exec = (words: readonly string[], options: RunOptions) => Promise<Finished>;

/** The name of a transaction's throw-away jail. */
export function throwAwayName(transaction: string): string {
  return `jtx-${transaction.toLowerCase()}`;
}

/** Whether a jail has the name of one that is thrown away. */
export function isThrowAway(name: string): boolean {
  return /^jtx-[0-9a-hjkmnp-tv-z]{26}$/.test(name);
}

/**
 * Lends a jail without any network on a root, and takes it down however its use ends. It persists meanwhile:
 * jail(8) would lose the status of a command (docs/freebsd-facts.md, jail). Throws `command-failed`.
 */
export async function withThrowAwayJail<T>(
  run: Run,
  jail: ThrowAwayJail,
  use: (exec: Exec) => Promise<T>,
): Promise<T> {
  const { name, root, hostname } = jail;
  const parameters = [
    `name=${name}`,
    `path=${root}`,
    `host.hostname=${hostname}`,
    'ip4=disable',
    'ip6=disable',
    'persist',
  ];
  let result: T;
  try {
    succeeded(await run(['jail', '-c', ...parameters], { changes: true }));
    result = await use((words, options) => run(['jexec', '-l', name, ...words], options));
  } catch (error) {
    // What went wrong first is what a person has to read; recovery looks for the jail again.
    await takeDown(run, name);
    throw error;
  }
  const down = await takeDown(run, name);
  if (!/not found/.test(down.stderr)) succeeded(down);
  return result;
}

function takeDown(run: Run, name: string): Promise<Finished> {
  return run(['jail', '-R', name], { changes: true });
}

/** Takes a throw-away jail down that a crash left. */
export async function removeThrowAwayJail(run: Run, name: string): Promise<void> {
  const left = (await listRunning(run)).some((jail) => jail.name === name);
  if (left) succeeded(await takeDown(run, name));
}
