import { usage } from '../error.ts';

const word = '[A-Za-z0-9][A-Za-z0-9_.+,@~-]*';
const name = new RegExp(`^${word}(/${word})?$`);

/**
 * Passes names of packages on, each once: a name, name-version, origin or category/port@flavor, as pkg takes
 * them. Throws `usage` for whatever an option or a pattern could be made of.
 */
export function packageNames(names: readonly string[]): string[] {
  const wrong = names.find((candidate) => !name.test(candidate) || candidate.length > 255);
  if (wrong === undefined) return [...new Set(names)];
  throw usage(
    `${JSON.stringify(wrong)} is no name of a package`,
    'Wanted is a name, name-version or origin, such as nginx, www/nginx or devel/git@lite.',
  );
}

/** Settings that decide what a transaction can trust: they are jtx's own. */
const reserved = new Set([
  'ABI',
  'ABI_FILE',
  'ALIAS',
  'ALTABI',
  'ASSUME_ALWAYS_YES',
  'DEBUG_SCRIPTS',
  'EVENT_PIPE',
  'OSVERSION',
]);
const reservedStart = /^(PKG_|PLUGIN)/;

// An option of pkg is nothing but a variable of its environment, and so of every script's.
const environment = /^(LD_.*|PATH|HOME|SHELL|ENV|IFS|LANG|LC_.*|TERM|INSTALL_AS_USER)$/;

/** Reads one `-o KEY=VALUE`. Throws `usage`. */
export function option(text: string): [string, string] {
  const equals = text.indexOf('=');
  const key = text.slice(0, Math.max(equals, 0));
  if (!/^[A-Z][A-Z0-9_]*$/.test(key)) throw usage(`-o ${text}: wanted is KEY=VALUE`);
  if (reserved.has(key) || reservedStart.test(key))
    throw usage(`-o ${key}: jtx sets it itself`, 'For the ABI there are --abi and --osversion.');
  if (environment.test(key)) throw usage(`-o ${key} is no setting of pkg`, 'pkg.conf(5) lists them.');
  return [key, text.slice(equals + 1)];
}
