import { readOptions, UsageError } from './arguments.ts';
import { waiting } from './interrupt.ts';
import { work } from './worker.ts';

/** Runs the stand-in for pkg(8): what `./pkg` starts. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    process.exit(await work(readOptions(waiting === undefined ? args : args.slice(1))));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
