import { usage } from '../error.ts';

/**
 * Passes names of packages on: a name, name-version or origin, as pkg takes them. Throws `usage` for whatever
 * an option or a pattern could be made of.
 */
export function packageNames(names: readonly string[]): string[] {
  for (const name of names) {
    if (/^[A-Za-z0-9][A-Za-z0-9_.+,~-]*(\/[A-Za-z0-9][A-Za-z0-9_.+,~-]*)?$/.test(name) && name.length < 256)
      continue;
    throw usage(
      `${JSON.stringify(name)} is no name of a package`,
      'Wanted is a name, name-version or origin, such as nginx or www/nginx.',
    );
  }
  return [...names];
}

/** Settings that decide what a transaction can trust: they are jtx's own. */
const reserved = new Set([
  'ABI',
  'ALIAS',
  'ALTABI',
  'ASSUME_ALWAYS_YES',
  'EVENT_PIPE',
  'OSVERSION',
  'PKG_CACHEDIR',
  'PKG_DBDIR',
  'PKG_ENABLE_PLUGINS',
  'PKG_PLUGINS_DIR',
  'PLUGINS',
  'PLUGINS_CONF_DIR',
]);

/** Reads one `-o KEY=VALUE`. Throws `usage`. */
export function option(text: string): [string, string] {
  const equals = text.indexOf('=');
  const key = text.slice(0, Math.max(equals, 0));
  if (!/^[A-Z][A-Z0-9_]*$/.test(key)) throw usage(`-o ${text}: wanted is KEY=VALUE`);
  if (reserved.has(key))
    throw usage(`-o ${key}: jtx sets it itself`, 'For the ABI there are --abi and --osversion.');
  return [key, text.slice(equals + 1)];
}
