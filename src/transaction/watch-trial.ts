import { startDetached } from '../host/run.ts';

/** Starts a jtx that waits for the end of a trial, and outlives this one. */
export function watchTrial(id: string): void {
  const [, script] = process.argv;
  if (script !== undefined) startDetached([process.execPath, script, 'trial', id]);
}
