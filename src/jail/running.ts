import { refused } from '../error.ts';
import { type Run, succeeded } from '../host/run.ts';

/** A jail that runs now. */
export interface RunningJail {
  jid: number;
  name: string;
  /** Its root, as the kernel knows it: without symlinks and `..`. */
  path: string;
  /** It has been removed, and something of it is still held. */
  dying: boolean;
}

/**
 * Reads `jls --libxo=json -n jid name path ...`, whose jid is a string (docs/freebsd-facts.md, jls).
 * Throws `jls-unreadable`: a running jail that is overlooked would lose its files under its feet.
 */
export function parseJls(text: string): RunningJail[] {
  let listed: unknown;
  try {
    listed = JSON.parse(text);
  } catch (error) {
    throw refused('jls-unreadable', 'jls --libxo=json did not print JSON', undefined, error);
  }
  const jails = property(property(listed, 'jail-information'), 'jail');
  if (!Array.isArray(jails)) throw refused('jls-unreadable', 'jls --libxo=json printed no list of jails');
  return jails.map(parseJail);
}

function parseJail(jail: unknown): RunningJail {
  const jid = Number(property(jail, 'jid'));
  const name = property(jail, 'name');
  const path = property(jail, 'path');
  if (Number.isInteger(jid) && typeof name === 'string' && typeof path === 'string') {
    return { jid, name, path, dying: property(jail, 'dying') === true };
  }
  throw refused('jls-unreadable', `jls --libxo=json printed a jail as ${JSON.stringify(jail)}`);
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

/** The jails that run. Throws `command-failed`, `jls-unreadable`. */
export async function listRunning(run: Run): Promise<RunningJail[]> {
  const listed = await run(['jls', '--libxo=json', '-n', 'jid', 'name', 'path', 'host.hostname', 'dying']);
  return parseJls(succeeded(listed).stdout);
}
