import type { JtxError, Outcome } from '../error.ts';
import { envelope } from '../report/json.ts';
import { messageLines } from '../report/message-text.ts';
import { safeText } from '../report/safe-text.ts';
import { type Ending, exitStatus, stateSentence } from '../transaction/ending.ts';

const statuses: Readonly<Record<Outcome, number>> = {
  usage: 2,
  refused: 3,
  'rolled-back': 4,
  stuck: 5,
  busy: 6,
};

/** Prints how a transaction ended and sets the exit status; both say what the journal says. */
export function printEnding(ending: Ending, json: boolean, planOnly = false): void {
  process.exitCode = exitStatus(ending);
  if (json) {
    const { id, state, jail, verb, code, message, hint, ...rest } = ending;
    const error = errorOf({ code, message, hint });
    process.stdout.write(`${envelope(verb, { transaction: { id, jail, verb, state, error, ...rest } })}\n`);
    return;
  }
  const lines = planOnly ? planLines(ending) : endingLines(ending);
  process.stdout.write(`${lines.map(safeText).join('\n')}\n`);
}

/** Why it did not commit, for scripts. */
export function errorOf({ code, message, hint }: Why): Why | null {
  return code === null ? null : { code, message, hint };
}

type Why = Pick<Ending, 'code' | 'message' | 'hint'>;

function planLines(ending: Ending): string[] {
  const nothing = ending.state === 'refused' ? [] : [ending.plan?.trim() || 'There is nothing to do.'];
  return [...nothing, ...ending.notes, ...failureLines(ending), `${ending.jail}: nothing was changed.`];
}

function endingLines(ending: Ending): string[] {
  const changes = ending.changes.map(({ name, from, to }) => {
    if (from === null) return `  + ${name} ${to ?? ''}`;
    return to === null ? `  - ${name} ${from}` : `  * ${name} ${from} -> ${to}`;
  });
  const verified = ending.verifications.flatMap(({ subject, passed, output }) => {
    const [said = '', ...more] = output.trim().split('\n');
    const line = `  ${passed ? 'passed' : 'FAILED'}: ${subject}${said === '' ? '' : `: ${said}`}`;
    // What fails of a change is rolled back, and kept in the journal; what fails of a jail is what was asked.
    return ending.verb === 'verify' && !passed ? [line, ...more.map((each) => `    ${each}`)] : [line];
  });
  const told = /^(rollback|drop|restore)$/.test(ending.verb) ? (ending.plan ?? '') : '';
  return [
    ...changes,
    ...verified,
    ...messageLines(ending.messages),
    ...(told === '' ? [] : told.split('\n')),
    ...ending.notes,
    ...failureLines(ending),
    ...lastLine(ending),
  ];
}

function failureLines(ending: Ending): string[] {
  const why = ending.message === null ? [] : [`jtx: ${ending.message}`];
  const hint = ending.hint === null ? [] : ending.hint.split('\n').map((line) => `  ${line}`);
  return [...why, ...ending.warnings.map((warning) => `jtx: ${warning}`), ...hint, ...asideLines(ending)];
}

function asideLines({ aside, id, jail, verb, state }: Ending): string[] {
  if (aside === null || state === 'stuck') return [];
  const back = `jtx rollback ${jail} ${id}`;
  return [
    `What was there is set aside as ${aside}.`,
    `  To look into it:  jtx aside show ${id}`,
    ...(verb === 'rollback' ? [`  To undo this:     ${back}`] : []),
    `  To destroy it:    jtx aside drop ${id}`,
  ];
}

function lastLine(ending: Ending): string[] {
  return [`${stateSentence(ending)} (${ending.id})`];
}

/** Prints an expected failure; gives its exit status. */
export function printError(error: JtxError, json: boolean, verb: string): number {
  const { code, message, state, hint } = error;
  if (json) {
    process.stdout.write(
      `${envelope(verb, { error: { code, message, state: state ?? null, hint: hint ?? null } })}\n`,
    );
  } else {
    const lines = [
      `jtx: ${message}`,
      ...(state === undefined ? [] : [state]),
      ...(hint === undefined ? [] : hint.split('\n').map((line) => `  ${line}`)),
    ];
    process.stderr.write(`${lines.map(safeText).join('\n')}\n`);
  }
  return error.signal === undefined ? statuses[error.outcome] : 128 + error.signal;
}
