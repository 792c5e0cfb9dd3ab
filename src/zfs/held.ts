import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, Finished, Run } from '../host/run.ts';

const pause = 200;

/**
 * Runs a command that changes a file system. One that was unmounted a moment ago may still be held: a failure is tried
 * again, five times a second, where `passing` says of its complaint that it may pass.
 */
export async function runUntilFree(
  run: Run,
  command: Command,
  passing: (complaint: string) => boolean,
  attempts: number,
): Promise<Finished> {
  for (let attempt = 1; ; attempt += 1) {
    const finished = await run(command, { changes: true });
    if (finished.status === 0 || attempt === attempts || !passing(finished.stderr)) return finished;
    await sleep(pause);
  }
}
