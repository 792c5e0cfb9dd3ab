import type { Command } from 'commander';
import { usage } from '../error.ts';
import { repeated } from './repeated.ts';

/** Adds `--verify`, whose `what` is told in the help, and the `--expect` that goes with it. */
export function addProbeOptions(command: Command, what: string): Command {
  // Two lists alone would not tell which of them belong together.
  const expected = (regex: string, sofar: (string | undefined)[] = []): (string | undefined)[] => {
    const asked: unknown = command.getOptionValue('verify');
    const last = Array.isArray(asked) ? asked.length - 1 : -1;
    if (last < 0) throw usage(`--expect ${regex} stands after no --verify`);
    if (sofar.length > last) throw usage(`--expect ${regex} is a second one for one --verify`);
    return [...sofar, ...Array<undefined>(last - sofar.length), regex];
  };
  return command
    .option('--verify <command>', `${what} (repeatable)`, repeated)
    .option(
      '--expect <regex>',
      'what the output of the --verify before it must match (repeatable)',
      expected,
    );
}
