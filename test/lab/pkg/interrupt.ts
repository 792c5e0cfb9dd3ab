import { writeSync } from 'node:fs';

/** First argument of a worker that a process waits for, which listens at WAITING. */
export const WORKER_MARK = '--lab-worker';

/** The descriptor at which the process that waits listens. */
export const WAITING = 3;

/** Whether a process waits for this one: not where pkg does not fork. */
export function isWaitedFor(): boolean {
  return process.argv[2] === WORKER_MARK;
}

/**
 * From the first catalogue or package that is unpacked on, pkg has a handler for SIGINT that ends it with a
 * status of its own, 130, where the signal ended it before. What is the same to everybody else: the signal ends
 * the worker at once, and the process that waits for it makes that status of it.
 */
export function handleInterrupts(): void {
  if (!isWaitedFor()) return;
  try {
    writeSync(WAITING, '!');
  } catch {
    // Whoever waited was killed; the worker goes on.
  }
}
