import { writeSync } from 'node:fs';

const mark = /^--lab-worker=(\d+)$/.exec(process.argv[2] ?? '');

/** The descriptor at which a process that waits for this one listens; undefined where pkg does not fork. */
export const waiting = mark === null ? undefined : Number(mark[1]);

/** The first argument of a worker that is waited for at this descriptor. */
export function workerMark(descriptor: number): string {
  return `--lab-worker=${descriptor}`;
}

/**
 * From the first catalogue or package that is unpacked on, pkg has a handler for SIGINT that ends it with a
 * status of its own, 130, where the signal ended it before. What is the same to everybody else: the signal ends
 * the worker at once, and the process that waits for it makes that status of it.
 */
export function handleInterrupts(): void {
  if (waiting === undefined) return;
  try {
    writeSync(waiting, '!');
  } catch {
    // Whoever waited was killed; the worker goes on.
  }
}
