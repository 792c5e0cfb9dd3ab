import { readOptions, UsageError } from './arguments.ts';
import { WORKER_MARK, waitForWorker } from './parent.ts';

/** Runs the stand-in for pkg(8): the started process only waits, its child does everything. */
export async function main(args: readonly string[]): Promise<void> {
  const isWorker = args[0] === WORKER_MARK;
  const own = isWorker ? args.slice(1) : [...args];
  try {
    const options = readOptions(own);
    if (!isWorker && !options.debug && !options.showVersion) {
      await waitForWorker(own);
      return;
    }
    const { work } = await import('./worker.ts');
    process.exit(await work(options));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
