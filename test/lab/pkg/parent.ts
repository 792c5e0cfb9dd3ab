import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { HANDLES_INTERRUPTS } from './interrupt.ts';

/** First argument of the worker process; pkg(8) forks, and a fork of node is a new program. */
export const WORKER_MARK = '--lab-worker';

/** Starts the worker in the same process group and ends as it does, its signal re-raised. */
export function waitForWorker(args: readonly string[]): Promise<void> {
  const script = process.argv[1];
  if (script === undefined) throw new Error('no own path');
  // As pkg since 2.7: an interrupt is the worker's business, and its end is then ours.
  process.on('SIGINT', () => undefined);
  const child = spawn(process.execPath, [script, WORKER_MARK, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  let handlesInterrupts = false;
  child.on('message', (message) => {
    handlesInterrupts ||= message === HANDLES_INTERRUPTS;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (signal === null) {
        process.exit(code ?? 1);
      }
      if (signal === 'SIGINT' && handlesInterrupts) process.exit(128 + constants.signals.SIGINT);
      process.removeAllListeners('SIGINT');
      process.kill(process.pid, signal);
      // The default action ends us before this; a signal that node ignores would not.
      setTimeout(() => {
        process.exit(128 + constants.signals[signal]);
        resolve();
      }, 1000);
    });
  });
}
