import { parseRetention } from '../backup/retention-grammar.ts';
import { type Place, parseAddress, targetName } from '../backup/target.ts';
import { JtxError, refused } from '../error.ts';
import { longestDeadline } from './deadline.ts';

/** What a jail does for its backup. */
export interface JailBackup {
  /** Whether it is one of all jails that are backed up. */
  backup: boolean;
  /** Run inside the jail just before its snapshot: without it there is none. */
  before: readonly string[] | undefined;
  /** Run inside the jail just after, whatever came of that and of the command before it. */
  after: readonly string[] | undefined;
  /** Probes for what was restored of it, each a command line. */
  verify: readonly string[];
}

/** The table `backup` of the configuration. */
export interface BackupConfig {
  places: readonly Place[];
  /** How many streams go at the same time. */
  parallel: number;
  /** Milliseconds that a command inside a jail may take. */
  deadline: number;
  /** Milliseconds for which a stream may stand still. */
  silence: number;
  jails: ReadonlyMap<string, JailBackup>;
}

export const noBackups: BackupConfig = {
  places: [],
  parallel: 2,
  deadline: 60_000,
  silence: 3_600_000,
  jails: new Map(),
};

/** Reads the table `backup`. Throws `config-invalid`. */
export function parseBackup(value: unknown): BackupConfig {
  const { targets, parallel, deadline, silence, jails, ...rest } = table(value, 'backup');
  known(rest, 'backup');
  const places = list(targets, 'backup.targets').map(parsePlace);
  const twice = places.find(({ name }, at) => places.findIndex((place) => place.name === name) !== at);
  if (twice) throw invalid(`backup.targets: there are two named ${twice.name}`);
  return {
    places,
    parallel: positive(parallel, 'backup.parallel') ?? noBackups.parallel,
    deadline: secondsOf(deadline, 'backup.deadline') ?? noBackups.deadline,
    silence: secondsOf(silence, 'backup.silence') ?? noBackups.silence,
    jails: new Map(Object.entries(table(jails ?? {}, 'backup.jails')).map(parseJail)),
  };
}

function parsePlace(value: unknown): Place {
  const { name, to, keep, ...rest } = table(value, 'backup.targets');
  known(rest, 'backup.targets');
  if (typeof name !== 'string' || typeof to !== 'string')
    throw invalid('backup.targets: each has a name and a "to"');
  if (keep !== undefined && typeof keep !== 'string')
    throw invalid(`backup.targets: keep of ${name} must be a text`);
  return understood(() => ({
    name: targetName(name),
    to: parseAddress(to),
    keep: keep === undefined ? undefined : parseRetention(keep),
  }));
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof JtxError)) throw error;
    throw refused('config-invalid', `backup.targets: ${error.message}`, error.hint, error);
  }
}

function parseJail([name, value]: [string, unknown]): [string, JailBackup] {
  const { backup, before, after, verify, ...rest } = table(value, `backup.jails.${name}`);
  known(rest, `backup.jails.${name}`);
  return [
    name,
    {
      backup: flag(backup, `backup.jails.${name}.backup`) ?? true,
      before: words(before, `backup.jails.${name}.before`),
      after: words(after, `backup.jails.${name}.after`),
      verify: words(verify, `backup.jails.${name}.verify`) ?? [],
    },
  ];
}

function flag(value: unknown, key: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalid(`${key} must be true or false`);
}

function words(value: unknown, key: string): string[] | undefined {
  if (value === undefined) return undefined;
  const listed = list(value, key);
  const told = listed.filter((word) => typeof word === 'string');
  if (told.length === 0 || told.length < listed.length) throw invalid(`${key} must be a list of words`);
  return told;
}

function positive(value: unknown, key: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  throw invalid(`${key} must be a whole number from 1`);
}

/** Milliseconds of a number of seconds. */
function secondsOf(value: unknown, key: string): number | undefined {
  const seconds = positive(value, key);
  if (seconds === undefined) return undefined;
  if (seconds * 1000 > longestDeadline) throw invalid(`${key} must be no more than 24 days`);
  return seconds * 1000;
}

function list(value: unknown, key: string): unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw invalid(`${key} must be a list`);
}

function table(value: unknown, key: string): Partial<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid(`${key} must be a table`);
}

function known(rest: object, key: string): void {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw invalid(`${key}: unknown key "${unknown}"`);
}

function invalid(message: string): Error {
  return refused('config-invalid', message, 'docs/backup-targets.md shows the table.');
}
