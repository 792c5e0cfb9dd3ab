import { existsSync, readFileSync } from 'node:fs';
import type { Options } from './arguments.ts';
import { DEFAULTS } from './config-keys.ts';
import { readElfAbi } from './elf-note.ts';
import { givenPath } from './host-paths.ts';
import type { Reporter } from './reporter.ts';
import type { Root } from './root.ts';
import { Exit } from './status.ts';
import { isObject, parseUcl, type Ucl } from './ucl.ts';
import { errorCode } from './write.ts';

const OS_NAMES = ['FreeBSD', 'DragonFly', 'NetBSD', 'Linux', 'Darwin'];

/** The configuration in force: an option or the environment, then the file, then the default. */
export class Config {
  readonly #values: Record<string, Ucl>;
  readonly abi: string;
  readonly osVersion: number;

  private constructor(values: Record<string, Ucl>, abi: string, osVersion: number) {
    this.#values = values;
    this.abi = abi;
    this.osVersion = osVersion;
  }

  /** Reads the configuration as seen from inside the root; puts the options into the environment. */
  static read(options: Options, root: Root, reporter: Reporter): Config {
    for (const { key, value } of options.overrides) {
      const present = process.env[key];
      if (present !== undefined && present !== 'PKG_RESTARTED') {
        reporter.warn(
          `option ${key} is defined in the environment to '${present}' but command line option redefines it`,
        );
      }
      process.env[key] = value;
    }
    const values: Record<string, Ucl> = { ...DEFAULTS };
    // A named file that is missing is no error: pkg goes on with its defaults.
    const given = (path: string): string => givenPath({ options, root, reporter }, path);
    const { configFile } = options;
    const text = textOf(root, configFile === undefined ? '/usr/local/etc/pkg.conf' : given(configFile));
    if (text !== undefined) readFile(text, values, reporter);
    for (const key of Object.keys(DEFAULTS)) {
      const set = process.env[key];
      if (set === undefined) continue;
      const converted = convert(set, DEFAULTS[key] ?? '');
      if (converted === undefined) reporter.error(`Invalid type for environment variable ${key}, got ${set}`);
      else values[key] = converted;
    }
    for (const key of ['PKG_DBDIR', 'PKG_CACHEDIR', 'EVENT_PIPE']) {
      const value = values[key];
      // A default has the root before it.
      if (typeof value === 'string' && value !== DEFAULTS[key]) values[key] = given(value);
      else if (process.env[key] !== undefined) given(process.env[key]);
    }
    if (options.reposDir !== undefined) values['REPOS_DIR'] = [given(options.reposDir)];
    // The repositories of the host, and the lab's has none.
    else if (options.rootdir !== undefined) values['REPOS_DIR'] = [];
    const { abi, osVersion } = abiOf(values, root, reporter);
    values['ABI'] = abi;
    values['OSVERSION'] = String(osVersion);
    return new Config(values, abi, osVersion);
  }

  value(key: string): Ucl | undefined {
    return this.#values[key.toUpperCase()];
  }

  string(key: string): string {
    const value = this.#values[key];
    return value === undefined || typeof value === 'object' ? '' : String(value);
  }

  boolean(key: string): boolean {
    return this.#values[key] === true;
  }

  number(key: string): number {
    const value = Number(this.#values[key]);
    return Number.isFinite(value) ? value : 0;
  }

  list(key: string): string[] {
    const value = this.#values[key];
    if (Array.isArray(value)) return value.map(String);
    return typeof value === 'string' && value !== '' ? [value] : [];
  }

  object(key: string): { [key: string]: Ucl } {
    const value = this.#values[key];
    return isObject(value) ? value : {};
  }

  /** All keys in order, for -vv. */
  entries(): [string, Ucl][] {
    return Object.entries(this.#values);
  }
}

function textOf(root: Root, path: string): string | undefined {
  try {
    return readFileSync(root.followed(path), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR'].includes(errorCode(error))) return undefined;
    throw error;
  }
}

function readFile(text: string, values: Record<string, Ucl>, reporter: Reporter): void {
  let read: { [key: string]: Ucl };
  try {
    read = parseUcl(text);
  } catch (error) {
    reporter.error(`Invalid configuration file: ${error instanceof Error ? error.message : ''}`);
    return;
  }
  for (const [key, value] of Object.entries(read)) {
    const name = key.toUpperCase();
    const standard = DEFAULTS[name];
    if (standard === undefined) continue;
    if (isObject(standard) === isObject(value)) values[name] = value;
    else
      reporter.error(`Malformed key ${key}, got '${typeof value}' expecting '${typeof standard}', ignoring`);
  }
}

function convert(text: string, standard: Ucl): Ucl | undefined {
  if (typeof standard === 'boolean') {
    if (/^(yes|true|on|1)$/i.test(text)) return true;
    return /^(no|false|off|0)$/i.test(text) ? false : undefined;
  }
  if (typeof standard === 'number') return /^-?\d+$/.test(text) ? Number(text) : undefined;
  if (Array.isArray(standard)) return text === '' ? [] : text.split(',');
  if (!isObject(standard)) return text;
  const members = text
    .split(',')
    .filter((member) => member.includes('='))
    .map((member): [string, Ucl] => {
      const at = member.indexOf('=');
      return [member.slice(0, at), member.slice(at + 1)];
    });
  return Object.fromEntries(members);
}

function abiOf(
  values: Record<string, Ucl>,
  root: Root,
  reporter: Reporter,
): { abi: string; osVersion: number } {
  const abi = String(values['ABI'] ?? '');
  const osVersion = String(values['OSVERSION'] ?? '');
  const file = String(values['ABI_FILE'] ?? '');
  if (process.env['ALTABI'] !== undefined) {
    reporter.error(
      'Setting ALTABI manually is no longer supported, set ABI and OSVERSION or ABI_FILE instead.',
    );
    return refuse(reporter);
  }
  if (abi !== '' && file === '') {
    const [name = '', release = ''] = abi.split(':');
    if (!OS_NAMES.includes(name)) {
      reporter.error(`Unknown OS '${name}' in ABI string`);
      return refuse(reporter);
    }
    if (osVersion !== '') return { abi, osVersion: Number(osVersion) };
    const guessed = Number(release) * 100000;
    reporter.error(`Setting ABI requires setting OSVERSION, guessing the OSVERSION as: ${guessed}`);
    return { abi, osVersion: guessed };
  }
  for (const candidate of file === '' ? ['/usr/bin/uname', '/bin/sh'] : [file]) {
    const path = root.followed(candidate);
    if (!existsSync(path)) continue;
    const found = readElfAbi(path);
    if (found === undefined) {
      reporter.error(`Unable to determine ABI, ${candidate} cannot be parsed.`);
      return refuse(reporter);
    }
    const major = Math.floor(found.osVersion / 100000);
    return { abi: `FreeBSD:${major}:${found.machine}`, osVersion: found.osVersion };
  }
  reporter.error('Unable to determine the ABI, none of the ABI_FILEs can be read.');
  return refuse(reporter);
}

function refuse(reporter: Reporter): never {
  reporter.warn('Cannot parse configuration file!');
  throw new Exit(1);
}
