import type { Finding, Level } from '../backup/judge.ts';
import { type BackupStatus, reasonWords } from './backup-status.ts';
import type { Colour } from './colour.ts';
import { safeLine } from './safe-text.ts';
import { type Cell, type Look, table } from './table.ts';
import { relativeTime } from './time.ts';

/** How many faults the first line names: a pager shows no more. */
const named = 3;

/**
 * What `jtx backup --status` prints: a line for Nagios with its performance data, then a table for people, and what
 * is not as it should be.
 */
export async function backupStatusText(status: BackupStatus, look: Look): Promise<string> {
  const listed = await table(
    ['JAIL', 'TARGET', 'STATE', 'LAST GOOD', 'BACKUP', 'LAST RESULT', 'RESTORED'],
    status.findings.map((finding) => row(finding, status.at, look.colour)),
    look,
  );
  const faults = status.findings
    .filter(({ level }) => level !== 'ok')
    .flatMap((finding) => faultLines(finding, status.at));
  const out = status.leftOut.length === 0 ? [] : [`Left out: ${status.leftOut.join(', ')}.`];
  const below = [...faults, ...out].map((line) => safeLine(line));
  const text = [listed, ...(below.length === 0 ? [] : ['', ...below])].join('\n');
  // To Nagios a bar begins performance data, wherever it stands.
  return `${statusLine(status)}\n${text.replaceAll('|', '/')}`;
}

/** The first line where nothing can be said. */
export function unknownLine(message: string): string {
  return `JTX UNKNOWN - ${safeLine(message).replaceAll('|', '/')}`;
}

/** `JTX OK - ...|'web@nas'=3600s;93600;180000;0`. */
function statusLine(status: BackupStatus): string {
  const { findings, limits, level } = status;
  const bad = levelsDown.flatMap((one) => findings.filter((finding) => finding.level === one));
  const said = bad.length === 0 ? allWell(status) : faultsInShort(bad, status.at);
  const range = `${limits.warn / 1000};${limits.critical / 1000};0`;
  const data = findings.map(({ jail, target, age }) => {
    const label = `${jail}@${target}`.replaceAll(/[^\w.@-]/g, '_');
    return age === undefined ? `${label}=U` : `${label}=${Math.max(0, Math.round(age / 1000))}s;${range}`;
  });
  return `JTX ${level.toUpperCase()} - ${safeLine(said).replaceAll('|', '/')}|${data.join(' ')}`;
}

const levelsDown: readonly Level[] = ['critical', 'warning'];

function allWell({ findings, at }: BackupStatus): string {
  const count = (names: string[], one: string): string => {
    const { size } = new Set(names);
    return `${size} ${one}${size === 1 ? '' : 's'}`;
  };
  const jails = count(
    findings.map(({ jail }) => jail),
    'jail',
  );
  const targets = count(
    findings.map(({ target }) => target),
    'target',
  );
  const oldest = Math.max(...findings.map(({ age }) => age ?? 0));
  return `${jails} on ${targets}, the oldest backup from ${relativeTime(at - oldest, at)}`;
}

function faultsInShort(bad: readonly Finding[], now: number): string {
  const first = bad.slice(0, named).map((finding) => {
    const { jail, target, reasons } = finding;
    const words = reasons.slice(0, 1).map((reason) => reasonWords(reason, finding, now));
    return `${jail} on ${target}: ${words.join('')}`;
  });
  const more = bad.length - first.length;
  return [...first, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function row({ jail, target, level, standing }: Finding, now: number, colour: Colour): Cell[] {
  const { good, point, last, check } = standing ?? {};
  const lastWords = last === undefined ? 'never tried' : `${last.state} ${relativeTime(last.at, now)}`;
  const proof = check === undefined ? 'never restored' : `${check.state} ${relativeTime(check.at, now)}`;
  return [
    { text: jail, paint: colour.bold },
    { text: target },
    { text: level.toUpperCase(), paint: levelColour(colour, level) },
    { text: good == null ? 'never' : relativeTime(good, now) },
    { text: point ?? '-' },
    { text: lastWords, ...(last?.state === 'failed' ? { paint: colour.red } : {}) },
    { text: proof, ...(check?.state === 'proved' ? {} : { paint: colour.yellow }) },
  ];
}

function levelColour(colour: Colour, level: Level): (text: string) => string {
  if (level === 'ok') return colour.green;
  return level === 'warning' ? colour.yellow : colour.red;
}

function faultLines(finding: Finding, now: number): string[] {
  const { jail, target, reasons, standing } = finding;
  return reasons.flatMap((reason) => {
    const message = reason === 'unrestorable' ? standing?.check?.message : standing?.last.message;
    const detail = reason === 'failed' || reason === 'unrestorable' ? (message ?? '') : '';
    const [first = '', ...rest] = detail.split('\n');
    return [
      `${jail} on ${target}: ${reasonWords(reason, finding, now)}${first === '' ? '' : `: ${first}`}`,
      ...rest.map((line) => `  ${line}`),
    ];
  });
}
