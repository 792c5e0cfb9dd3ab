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

/** Whether a running jail is one of a transaction: it goes with that, and is nobody's. */
export function isThrowAway(jail: string): boolean {
  return /^jtx-[0-9a-hjkmnp-tv-z]{26}$/.test(jail);
}

/**
 * Lends a jail on a root, with a network that nobody else is in, and takes it down however its use ends. It persists
 * meanwhile: jail(8) would lose the status of a command (docs/freebsd-facts.md, jail). Throws `command-failed`.
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
    // Its sockets open, and reach nobody: with `ip4=disable` none opens, and nginx -t finds nothing to listen on.
    'vnet',
    'persist',
  ];
  let result: T;
  try {
    succeeded(await run(['jail', '-c', ...parameters], { changes: true }));
    // A new network has an interface for itself, without an address. Not every base has ifconfig(8): then it stays so.
    await run(['jexec', '-l', name, 'ifconfig', 'lo0', 'inet', '127.0.0.1/8', 'up'], { silence: 10_000 });
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
