import type { CommandRow, StepRow } from '../journal/rows.ts';
import type { PackageChange } from '../pkg/change-set.ts';
import { keptAside, keptSnapshot } from '../transaction/kept.ts';
import type { Verification } from '../verify/verification.ts';
import { type Colour, stateColour } from './colour.ts';
import { safeLine, safeText } from './safe-text.ts';
import { absoluteTime, duration, relativeTime } from './time.ts';
import type { TransactionDetails } from './transaction-json.ts';
import { deed, stateWords } from './transaction-words.ts';

const outputLines = 20;
/** Of the change itself, which ends with what packages have to tell. */
const changeLines = 100;

/** What `jtx show` prints of one transaction. */
export function transactionText(details: TransactionDetails, now: number, colour: Colour): string {
  const { row, steps, changes, verifications, commands } = details;
  return [
    ...facts(details, now, colour),
    ...section(
      'Steps',
      colour,
      steps.map((step) => stepLine(step, row.state)),
    ),
    ...section('Plan', colour, changes.length > 0 ? [] : indented(row.plan ?? '')),
    ...section(
      'Changes',
      colour,
      changes.map((change) => changeLine(change, colour)),
    ),
    ...section(
      'Verifications',
      colour,
      verifications.flatMap((check) => checkLines(check, colour)),
    ),
    ...section(
      'Commands',
      colour,
      commands.flatMap((command) => commandLines(command, isChange(command, steps), colour)),
    ),
  ].join('\n');
}

function facts({ row, snapshots }: TransactionDetails, now: number, colour: Colour): string[] {
  const snapshot = keptSnapshot(row);
  const took = row.ended === null ? '' : `, took ${duration(row.ended - row.started)}`;
  const guid = snapshots.find(({ name }) => name === snapshot)?.guid;
  const known: [string, string | null][] = [
    ['transaction', colour.bold(row.id)],
    ['jail', safeLine(row.jail)],
    ['what', safeLine(deed(row))],
    ['state', stateColour(colour, row.state)(stateWords(row))],
    ['why', row.message === null ? null : safeLine(row.message)],
    ['next', row.hint === null ? null : safeText(row.hint).replaceAll('\n', `\n${' '.repeat(13)}`)],
    ['started', `${absoluteTime(row.started)} (${relativeTime(row.started, now)})${took}`],
    ['dataset', `${row.dataset} at ${safeLine(row.root) || 'an unknown place'}`],
    ['snapshot', snapshot && `${snapshot}${guid === undefined ? '' : ` (guid ${guid})`}`],
    ['undoes', row.target],
    ['undone by', row.undoneBy],
    ['set aside', keptAside(row)],
    ['on trial', row.confirmBy === null ? null : `until ${absoluteTime(row.confirmBy)}`],
  ];
  return known.flatMap(([word, value]) => (value === null ? [] : [`${word.padEnd(13)}${value}`]));
}

function section(title: string, colour: Colour, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', colour.bold(title), ...lines];
}

function stepLine({ name, started, finished, outcome }: StepRow, state: string): string {
  const took = finished === null ? 'not finished' : duration(finished - started);
  const remark = outcome === null || outcome === state ? '' : `, ${safeLine(outcome)}`;
  return `  ${name.padEnd(11)}${took}${remark}`;
}

function changeLine({ name, from, to }: PackageChange, colour: Colour): string {
  const safe = safeLine(name);
  if (from === null) return colour.green(`  + ${safe} ${safeLine(to ?? '')}`);
  if (to === null) return colour.red(`  - ${safe} ${safeLine(from)}`);
  return `  * ${safe} ${safeLine(from)} -> ${safeLine(to)}`;
}

function checkLines({ tier, subject, expected, passed, output }: Verification, colour: Colour): string[] {
  const verdict = passed ? colour.green('passed') : colour.red('FAILED');
  const wanted = expected === null ? '' : ` (expected ${safeLine(expected)})`;
  return [`  ${verdict} ${tier}: ${safeLine(subject)}${wanted}`, ...indented(output, '    ')];
}

/** Whether a command is the change itself, by pkg or one of a person's: those that may last, in the step of that. */
function isChange({ pid, started }: CommandRow, steps: readonly StepRow[]): boolean {
  // What never came to be applied was rehearsed at most.
  const step = steps.find(({ name }) => name === 'apply') ?? steps.find(({ name }) => name === 'rehearse');
  return (
    pid !== null && step !== undefined && started >= step.started && started < (step.finished ?? Infinity)
  );
}

function commandLines(row: CommandRow, change: boolean, colour: Colour): string[] {
  const { command, status, started, finished, output } = row;
  const words = command.map((word) => safeLine(quoted(word))).join(' ');
  if (finished === null || status === null) return [`  ${colour.red('not known to have ended')}: ${words}`];
  const line = `  ${String(status).padStart(3)}  ${duration(finished - started).padStart(9)}  ${words}`;
  if (status === 0 && !change) return [line];
  return [line, ...indented(output ?? '', ' '.repeat(18), change ? changeLines : outputLines)];
}

/** As it could be typed: what a shell would take apart is in quotes. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The last lines of what a program said. */
function indented(output: string, by = '  ', most = outputLines): string[] {
  const lines = safeText(output).trimEnd().split('\n');
  if (lines.join('') === '') return [];
  const kept = lines.slice(-most);
  const cut = lines.length - kept.length;
  return [...(cut > 0 ? [`${by}(${cut} lines before)`] : []), ...kept.map((line) => `${by}${line}`)];
}
