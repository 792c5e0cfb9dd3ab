/** What the worker tells the process that waits for it. */
export const HANDLES_INTERRUPTS = 'handles interrupts';

/**
 * From the first catalogue or package that is unpacked on, pkg has a handler for SIGINT that ends it with a
 * status of its own, 130, where the signal ended it before. What is the same to everybody else: the signal ends
 * the worker at once, and the process that waits for it makes that status of it.
 */
export function handleInterrupts(): void {
  process.send?.(HANDLES_INTERRUPTS, () => undefined);
}
