const cell = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this process, as a blocking system call would. */
export function sleepSync(milliseconds: number): void {
  Atomics.wait(cell, 0, 0, milliseconds);
}
