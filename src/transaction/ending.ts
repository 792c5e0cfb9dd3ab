import type { EndState, Reason, TransactionRow } from '../journal/rows.ts';
import type { PackageChange } from '../pkg/change-set.ts';
import type { PackageMessage } from '../pkg/messages.ts';
import type { Verification } from '../verify/verification.ts';
import { keptAside, keptSnapshot } from './kept.ts';
import type { LeftOut } from './left-out.ts';

/** How a transaction ended: what the person, the script and the journal are told, all the same. */
export interface Ending extends Reason {
  id: string;
  jail: string;
  verb: string;
  state: EndState;
  /** Set where a signal ended it: its number. */
  signal: number | null;
  plan: string | null;
  changes: PackageChange[];
  verifications: Verification[];
  /** What packages tell the person who installs them, of what was committed. */
  messages: PackageMessage[];
  /** Names of the snapshots that are kept. */
  snapshot: string | null;
  /** The dataset under which what was left is set aside. */
  aside: string | null;
  /** What a person should know besides: what the jail wrote since, what stays as it is. */
  notes: string[];
  /** What did not take place in it; `notes` say so too. */
  leftOut: LeftOut[];
  /** Things that went otherwise than they should after the outcome was settled. */
  warnings: string[];
}

/** An ending with which all is well, and of which nothing more is to be told than is given here. */
export function plainEnding(told: Pick<Ending, 'id' | 'jail' | 'verb' | 'state'> & Partial<Ending>): Ending {
  return {
    code: null,
    message: null,
    hint: null,
    signal: null,
    plan: null,
    changes: [],
    verifications: [],
    messages: [],
    snapshot: null,
    aside: null,
    notes: [],
    leftOut: [],
    warnings: [],
    ...told,
  };
}

/** The same ending with more that a person should know. */
export function withNotes(ending: Ending, notes: readonly string[]): Ending {
  return { ...ending, notes: [...ending.notes, ...notes] };
}

/** What is told of a transaction that was begun by another run. */
export function endingOf(row: TransactionRow, state: EndState, failure: Reason, warnings: string[]): Ending {
  const { id, jail, verb } = row;
  const { code, message, hint } = failure;
  return plainEnding({
    id,
    jail,
    verb,
    state,
    code,
    message,
    hint,
    snapshot: keptSnapshot({ ...row, state }),
    aside: keptAside(row),
    warnings,
  });
}

/** How a warning begins that the jail does not run again, though it ran before. */
export const notStarted = 'the jail was not started again';

/** The same of one that depends on it. */
export function alsoNotStarted(jail: string): string {
  return `jail ${jail} was not started again`;
}

/** What state the jail is in after it, in one sentence. */
export function stateSentence(ending: Ending): string {
  const asBefore = isDown(ending) ? 'its files are' : 'the jail is';
  switch (ending.state) {
    case 'committed':
      return `${ending.jail}: committed.`;
    case 'unchanged':
      return ending.verb === 'verify'
        ? `${ending.jail}: verified as it is.`
        : `${ending.jail}: there was nothing to do; ${asBefore} as before.`;
    case 'refused':
      return `${ending.jail}: refused; ${asBefore} as before.`;
    case 'rolled-back':
      return `${ending.jail}: rolled back; ${asBefore} as before.`;
    case 'stuck':
      return `${ending.jail}: stuck; a person is needed, and nothing has been destroyed.`;
  }
}

/** The exit status of a run (docs/scripting.md). */
export function exitStatus(ending: Ending): number {
  if (ending.state === 'stuck' || isDown(ending)) return 5;
  if (ending.signal !== null) return 128 + ending.signal;
  if (ending.state === 'rolled-back') return 4;
  if (ending.state === 'refused') return 3;
  return ending.warnings.length > 0 ? 5 : 0;
}

/** One that does not run again is not as before, and needs a person. A snapshot that others hold does not. */
function isDown({ warnings }: Ending): boolean {
  return warnings.some((warning) => /^(?:the jail|jail \S+) was not started again/.test(warning));
}
