import { parse, TomlError } from 'smol-toml';
import { messageOf, refused } from '../error.ts';
import { isOriginPattern } from '../verify/known-probes.ts';
import type { KnownProgram } from '../verify/known-programs.ts';
import { splitWords } from '../verify/words.ts';
import { parseBackup } from './backup.ts';
import { longestDeadline } from './deadline.ts';
import { parseRetentionTable } from './retention.ts';
import { type Config, defaults } from './settings.ts';

type Reader = (value: unknown) => Partial<Config> | undefined;

const path =
  (key: 'journal' | 'jailsRoot' | 'jailConf' | 'resolvConf'): Reader =>
  (value) =>
    typeof value === 'string' && value.startsWith('/') ? { [key]: value } : undefined;

const seconds =
  (key: 'pkgSilence' | 'probeDeadline'): Reader =>
  (value) => {
    // A timer takes whole ones.
    const milliseconds = typeof value === 'number' ? Math.round(value * 1000) : 0;
    return milliseconds >= 1 && milliseconds <= longestDeadline ? { [key]: milliseconds } : undefined;
  };

const secondsWanted = 'a number of seconds, at most those of 24 days';

const count =
  (key: 'devfsRuleset' | 'minimumFree'): Reader =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 ? { [key]: value } : undefined;

const places: Reader = (value) =>
  Array.isArray(value) && value.every((word) => typeof word === 'string' && word.startsWith('/'))
    ? { staticAccept: value }
    : undefined;

const machines: Reader = (value) =>
  Array.isArray(value) && value.every((word) => typeof word === 'string' && /^[a-z0-9]+$/.test(word))
    ? { emulated: value }
    : undefined;

const programs: Reader = (value) => {
  const probes = Array.isArray(value) ? value.map(programOf) : [undefined];
  return probes.every((probe) => probe !== undefined) ? { probes } : undefined;
};

function programOf(value: unknown): KnownProgram | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { origin, command, prints, ...rest }: Partial<Record<string, unknown>> = { ...value };
  if (typeof origin !== 'string' || typeof command !== 'string' || Object.keys(rest).length > 0)
    return undefined;
  if (!isPlainCommand(command) || (prints !== undefined && typeof prints !== 'string')) return undefined;
  if (!isOriginPattern(origin))
    throw refused(
      'config-invalid',
      `probe: "${origin}" is no pattern of an origin`,
      'In one, * is anything but a slash, and [0-9] as in a shell.',
    );
  return { origin, command, prints };
}

function isPlainCommand(text: string): boolean {
  try {
    return splitWords(text)[0]?.startsWith('/') === true;
  } catch {
    return false;
  }
}

const commands: Reader = (value) => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { stop, start, ...rest }: Partial<Record<string, unknown>> = { ...value };
  if (!isCommand(stop) || !isCommand(start) || Object.keys(rest).length > 0) return undefined;
  return { control: { stop, start } };
};

function isCommand(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string');
}

const readers: Readonly<Record<string, { read: Reader; wants: string }>> = {
  journal: { read: path('journal'), wants: 'an absolute path' },
  jails_root: { read: path('jailsRoot'), wants: 'an absolute path' },
  jail_conf: { read: path('jailConf'), wants: 'an absolute path' },
  resolv_conf: { read: path('resolvConf'), wants: 'an absolute path' },
  devfs_ruleset: { read: count('devfsRuleset'), wants: 'the number of a ruleset' },
  minimum_free: { read: count('minimumFree'), wants: 'a number of bytes' },
  pkg: {
    read: (value) => (typeof value === 'string' && value !== '' ? { pkg: value } : undefined),
    wants: 'the name or path of pkg(8)',
  },
  rehearse: {
    read: (value) => (typeof value === 'boolean' ? { rehearse: value } : undefined),
    wants: 'true or false',
  },
  probe: {
    read: programs,
    wants: 'a list of tables, each with an origin, a command by its whole path, and what it prints',
  },
  static_accept: {
    read: places,
    wants: 'a list of files of a jail, and of directories with a slash at their end',
  },
  emulated: { read: machines, wants: 'a list of machines as in an ABI, such as "aarch64"' },
  control: { read: commands, wants: 'a table with the commands stop and start, each a list of words' },
  backup: { read: (value) => ({ backup: parseBackup(value) }), wants: 'a table' },
  retention: { read: (value) => ({ retention: parseRetentionTable(value) }), wants: 'a table' },
  pkg_silence: { read: seconds('pkgSilence'), wants: secondsWanted },
  probe_deadline: { read: seconds('probeDeadline'), wants: secondsWanted },
};

/** Reads one configuration text. Throws `config-invalid` for what it does not know or cannot use. */
export function parseConfig(text: string, file: string): Config {
  let values: Record<string, unknown>;
  try {
    values = parse(text);
  } catch (error) {
    throw refused(
      'config-invalid',
      `${file} is not valid TOML: ${whereAndWhy(error)}`,
      'Mend the file.',
      error,
    );
  }
  const config = { ...defaults };
  for (const [key, value] of Object.entries(values)) {
    const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (!reader) {
      throw refused(
        'config-invalid',
        `${file}: unknown key "${key}"`,
        `Known: ${Object.keys(readers).join(', ')}.`,
      );
    }
    const read = reader.read(value);
    if (!read) throw refused('config-invalid', `${file}: ${key} must be ${reader.wants}`);
    Object.assign(config, read);
  }
  return config;
}

/** Without the lines of the file that the error shows below. */
function whereAndWhy(error: unknown): string {
  if (!(error instanceof TomlError)) return messageOf(error);
  const [why = ''] = error.message.split('\n');
  return `line ${error.line}, column ${error.column}: ${why.replace('Invalid TOML document: ', '')}`;
}
