import { readFileSync } from 'node:fs';

/** What a recorded command printed, both outputs together, and its status. */
export interface Recorded {
  command: string;
  output: string;
  status: number;
}

/** Reads a recording of test/fixtures/freebsd: `$ command`, its output, `[rc=status]`. */
export function recorded(name: string): Recorded[] {
  const text = readFileSync(new URL(`../fixtures/freebsd/${name}.txt`, import.meta.url), 'utf8');
  const entries = text.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*?)\[rc=(\d+)\]$/gm);
  return [...entries].map(([, command, output, status]) => ({
    command: command ?? '',
    output: output ?? '',
    status: Number(status),
  }));
}

/** The recorded run of a command, the n-th where there are several. */
export function recordedRun(name: string, command: string, nth = 0): Recorded {
  const found = recorded(name).filter((entry) => entry.command === command)[nth];
  if (!found) throw new Error(`${name}.txt has no run of: ${command}`);
  return found;
}
