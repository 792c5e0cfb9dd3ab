import { writeSync } from 'node:fs';
import { sleepSync } from './sleep.ts';

/** Writes everything, waiting as a blocking descriptor would; false when the reader is gone. */
export function writeAll(descriptor: number, text: string): boolean {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if (errorCode(error) === 'EAGAIN') sleepSync(2);
      else return false;
    }
  }
  return true;
}

/** The errno name of a failed system call. */
export function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return '';
}

/** The errno of a failed system call. */
export function errorNumber(error: unknown): number {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? Math.abs(error.errno)
    : 0;
}
