/** How a run of jtx ended, as far as a script has to care: each has one exit status (docs/scripting.md). */
export type Outcome = 'usage' | 'refused' | 'rolled-back' | 'stuck' | 'busy';

/** What is known about a failure, in the words a person needs. */
export interface Failure {
  /** A stable word for scripts, such as `jail-unknown`. */
  code: string;
  outcome: Outcome;
  /** What happened, one sentence. */
  message: string;
  /** What state the jail is in now, one sentence. */
  state?: string;
  /** What to do next: a sentence or commands. */
  hint?: string;
  /** The number of the signal that asked jtx to stop. */
  signal?: number;
  cause?: unknown;
}

/** The one error that jtx expects: everything else that is thrown is a bug and keeps its stack. */
export class JtxError extends Error {
  readonly code: string;
  readonly outcome: Outcome;
  readonly state: string | undefined;
  readonly hint: string | undefined;
  readonly signal: number | undefined;

  constructor(failure: Failure) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.name = 'JtxError';
    this.code = failure.code;
    this.outcome = failure.outcome;
    this.state = failure.state;
    this.hint = failure.hint;
    this.signal = failure.signal;
  }
}

/** A failure before anything was changed. */
export function refused(code: string, message: string, hint?: string, cause?: unknown): JtxError {
  return new JtxError({
    code,
    outcome: 'refused',
    message,
    state: 'Nothing was changed.',
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A command line that cannot be carried out as it stands. */
export function usage(message: string, hint?: string): JtxError {
  return new JtxError({
    code: 'usage',
    outcome: 'usage',
    message,
    state: 'Nothing was changed.',
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
