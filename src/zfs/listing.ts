import { type Finished, type Run, succeeded } from '../host/run.ts';

/**
 * How much of a listing of snapshots or of properties is kept: a host with a hundred thousand of them prints a hundred
 * million characters, and what is cut off cannot be judged.
 */
export const wholeListing = { atMost: 400 * 1024 * 1024 } as const;

/** Characters of names in one command: all words of a command line together have an end. */
const together = 80_000;

/**
 * Root in a jail that was given a dataset (zfs-jail(8)) can put tabs and newlines into its mount point and its user
 * properties, and zfs(8) prints them as they are: whole lines about any other dataset. So a listing is asked for in a form
 * in which that shows (rows.ts, lines.ts, own-properties.ts). Where it does, those that are to be listed are asked about in
 * ever smaller parts, until what a jail makes up stands beside nothing but its own: that costs the host a few processes
 * more, and no other jail anything.
 *
 * `ask` gives undefined where what was printed is not whole; what is so by itself too is left out. In one process, where all
 * is well and there are no more names than a command takes.
 */
export async function askInParts<T>(
  names: readonly string[],
  ask: (names: readonly string[]) => Promise<T | undefined>,
): Promise<T[]> {
  const found: T[] = [];
  const left = portions(names);
  for (let some = left.shift(); some !== undefined; some = left.shift()) {
    const told = await ask(some);
    const half = Math.ceil(some.length / 2);
    if (told !== undefined) found.push(told);
    else if (some.length > 1) left.unshift(some.slice(0, half), some.slice(half));
  }
  return found;
}

function portions(names: readonly string[]): string[][] {
  const found: string[][] = [];
  let room = 0;
  for (const name of names) {
    room -= name.length + 1;
    if (room < 0) {
      found.push([]);
      room = together - name.length - 1;
    }
    found.at(-1)?.push(name);
  }
  return found;
}

/** What a listing is of. */
export interface Trees {
  /** The datasets at their heads; everything that there is where none is named. */
  tops: readonly string[];
  /** As zfs(8) takes them. */
  types: readonly string[];
}

/** The options that choose them. */
export function optionsFor({ tops, types }: Trees): string[] {
  return [...(tops.length > 0 ? ['-r'] : []), '-t', types.join(',')];
}

/** The names of all that is in some trees: none can hold a tab or a newline. Throws `command-failed`. */
export async function listNames(run: Run, trees: Trees): Promise<string[]> {
  const asked = [...optionsFor(trees), '-o', 'name'];
  const listed = await run(['zfs', 'list', '-H', ...asked, ...trees.tops], wholeListing);
  return linesIn(succeeded(listed).stdout);
}

/** What was printed; undefined where it is more than is kept. Throws `command-failed`. */
export function printed(finished: Finished): string | undefined {
  return finished.flooding ? undefined : succeeded(finished).stdout;
}

/** The same where some of those that were named may have gone meanwhile. Throws `command-failed`. */
export function printedOfExisting(finished: Finished): string | undefined {
  const gone = !finished.hung && !finished.flooding && /does not exist/.test(finished.stderr);
  return gone ? finished.stdout : printed(finished);
}

/** The lines of a text, each with a newline at its end. */
export function linesIn(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
