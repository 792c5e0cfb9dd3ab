import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a small file, readable by its owner alone: a crash leaves the old text or the new. */
export function writeDurably(file: string, text: string): void {
  const part = `${file}.part`;
  const descriptor = openSync(part, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  moveDurably(part, file);
}

/** Renames a file within its directory, for good: what is renamed later is not there without it. */
export function moveDurably(from: string, to: string): void {
  renameSync(from, to);
  makeDurable(dirname(to));
}

/** Removes a file, for good: what is removed later is not gone without it. That there is none is fine. */
export function removeDurably(file: string): void {
  rmSync(file, { force: true });
  makeDurable(dirname(file));
}

function makeDurable(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
