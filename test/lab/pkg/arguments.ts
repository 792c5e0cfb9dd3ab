/** What the command line says before the verb, and the verb with its own arguments. */
export interface Options {
  debug: boolean;
  chroot: string | undefined;
  rootdir: string | undefined;
  jail: string | undefined;
  configFile: string | undefined;
  reposDir: string | undefined;
  overrides: { key: string; value: string }[];
  showVersion: boolean;
  showConfig: boolean;
  activation: boolean;
  listCommands: boolean;
  verb: string | undefined;
  rest: string[];
}

/** A command line that pkg refuses before it does anything. */
export class UsageError extends Error {}

const LONG: Record<string, { letter: string; takes: boolean }> = {
  debug: { letter: 'd', takes: false },
  jail: { letter: 'j', takes: true },
  chroot: { letter: 'c', takes: true },
  rootdir: { letter: 'r', takes: true },
  config: { letter: 'C', takes: true },
  'repo-conf-dir': { letter: 'R', takes: true },
  list: { letter: 'l', takes: false },
  version: { letter: 'v', takes: false },
  option: { letter: 'o', takes: true },
  'only-ipv4': { letter: '4', takes: false },
  'only-ipv6': { letter: '6', takes: false },
};

const TAKES_VALUE = new Set(['j', 'c', 'r', 'C', 'R', 'o']);
const FLAGS = new Set(['d', 'l', 'N', 'v', '4', '6']);
const SHORT_USAGE = 'Usage: pkg [-v] [-d] [-l] [-N] [-j <jail name or id>|-c <chroot path>|-r <rootdir>]';

/** Reads the global options, which pkg takes before the verb only. */
export function readOptions(args: readonly string[]): Options {
  const options: Options = {
    debug: false,
    chroot: undefined,
    rootdir: undefined,
    jail: undefined,
    configFile: undefined,
    reposDir: undefined,
    overrides: [],
    showVersion: false,
    showConfig: false,
    activation: false,
    listCommands: false,
    verb: undefined,
    rest: [],
  };
  let index = 0;
  for (; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (argument === '--') {
      index += 1;
      break;
    }
    if (argument.startsWith('--')) {
      const [name = '', glued] = splitOnce(argument.slice(2), '=');
      const known = LONG[name];
      if (known === undefined) throw new UsageError(`pkg: unrecognized option '${argument}'\n${SHORT_USAGE}`);
      const value = known.takes ? (glued ?? args[++index]) : '';
      if (value === undefined) throw new UsageError(`pkg: option '${argument}' requires an argument`);
      apply(options, known.letter, value);
    } else if (argument.startsWith('-') && argument.length > 1) {
      for (let at = 1; at < argument.length; at += 1) {
        const letter = argument[at] ?? '';
        if (TAKES_VALUE.has(letter)) {
          const glued = argument.slice(at + 1);
          const value = glued === '' ? args[++index] : glued;
          if (value === undefined)
            throw new UsageError(`pkg: option requires an argument -- '${letter}'\n${SHORT_USAGE}`);
          apply(options, letter, value);
          break;
        }
        if (!FLAGS.has(letter)) throw new UsageError(`pkg: invalid option -- '${letter}'\n${SHORT_USAGE}`);
        apply(options, letter, '');
      }
    } else break;
  }
  options.verb = args[index];
  options.rest = args.slice(index + 1);
  const places = [options.chroot, options.rootdir, options.jail].filter((place) => place !== undefined);
  if (places.length > 1) throw new UsageError('pkg: -j, -c and/or -r cannot be used at the same time!');
  return options;
}

function apply(options: Options, letter: string, value: string): void {
  if (letter === 'd') options.debug = true;
  else if (letter === 'c') options.chroot = value;
  else if (letter === 'r') options.rootdir = value;
  else if (letter === 'j') options.jail = value;
  else if (letter === 'C') options.configFile = value;
  else if (letter === 'R') options.reposDir = value;
  else if (letter === 'l') options.listCommands = true;
  else if (letter === 'N') options.activation = true;
  else if (letter === 'v') {
    options.showConfig = options.showVersion;
    options.showVersion = true;
  } else if (letter === 'o') {
    const [key = '', text] = splitOnce(value, '=');
    // pkg ignores an option without a value silently.
    if (text !== undefined) options.overrides.push({ key, value: text });
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
