import { refused } from '../error.ts';
import { type LibxoList, libxoField, parseLibxoList } from '../host/libxo.ts';
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

const jls: LibxoList = {
  program: 'jls',
  container: 'jail-information',
  list: 'jail',
  what: 'jails',
  unreadable: 'jls-unreadable',
};

/**
 * Reads `jls --libxo=json -n jid name path ...`, whose jid is a string (docs/freebsd-facts.md, jls).
 * Throws `jls-unreadable`: a running jail that is overlooked would lose its files under its feet.
 */
export function parseJls(text: string): RunningJail[] {
  return parseLibxoList(jls, text).map(parseJail);
}

function parseJail(jail: unknown): RunningJail {
  const jid = Number(libxoField(jail, 'jid'));
  const name = libxoField(jail, 'name');
  const path = libxoField(jail, 'path');
  if (Number.isInteger(jid) && typeof name === 'string' && typeof path === 'string') {
    return { jid, name, path, dying: libxoField(jail, 'dying') === true };
  }
  throw refused('jls-unreadable', `jls --libxo=json printed a jail as ${JSON.stringify(jail)}`);
}

/** The jails that run. Throws `command-failed`, `jls-unreadable`. */
export async function listRunning(run: Run): Promise<RunningJail[]> {
  return list(run, []);
}

/** The jails that have been removed, and whose root the kernel still holds. Throws `command-failed`, `jls-unreadable`. */
export async function listDying(run: Run): Promise<RunningJail[]> {
  return (await list(run, ['-d'])).filter(({ dying }) => dying);
}

async function list(run: Run, which: readonly string[]): Promise<RunningJail[]> {
  const parameters = ['jid', 'name', 'path', 'dying'];
  return parseJls(succeeded(await run(['jls', '--libxo=json', ...which, '-n', ...parameters])).stdout);
}
