import type { Config } from '../config/settings.ts';
import type { Journal } from '../journal/journal.ts';
import type { Progress } from './progress.ts';

/** What every transaction needs of the world around it. */
export interface Context {
  config: Config;
  journal: Journal;
  progress: Progress;
  /** Fires when a person or the system asks jtx to stop. */
  interrupt: AbortSignal;
  /** The environment of jtx itself: only proxy settings and the search path are read from it. */
  environment: NodeJS.ProcessEnv;
}

/** The number of the signal by which jtx was asked to stop; null where it was not. */
export function signalOf({ interrupt }: Context): number | null {
  return interrupt.aborted ? Number(interrupt.reason) : null;
}
