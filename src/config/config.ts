import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, refused } from '../error.ts';
import { errnoOf } from '../host/errno.ts';
import { parseConfig } from './parse-config.ts';
import { type Config, defaults } from './settings.ts';

const defaultFile = '/usr/local/etc/jtx.toml';

/**
 * The configuration in force: the file named by JTX_CONFIG or /usr/local/etc/jtx.toml, and JTX_JOURNAL over
 * it. A default file that is absent is fine. Throws `config-invalid`, `config-unsafe`, `config-unreadable`.
 */
export function loadConfig(environment: NodeJS.ProcessEnv): Config {
  const named = environment['JTX_CONFIG'];
  const config = readConfig(named ?? defaultFile, named !== undefined);
  const journal = environment['JTX_JOURNAL'];
  return journal === undefined || journal === '' ? config : { ...config, journal: resolve(journal) };
}

function readConfig(file: string, mustExist: boolean): Config {
  let found: { text: string; status: Stats };
  try {
    found = readOpened(file);
  } catch (error) {
    if (!mustExist && errnoOf(error) === 'ENOENT') return { ...defaults };
    throw refused('config-unreadable', `${file} cannot be read: ${messageOf(error)}`, undefined, error);
  }
  requireOwn(file, found.status);
  return parseConfig(found.text, file);
}

/** What is read is what is judged, whatever takes its name meanwhile. */
function readOpened(file: string): { text: string; status: Stats } {
  const opened = openSync(file, 'r');
  try {
    return { status: fstatSync(opened), text: readFileSync(opened, 'utf8') };
  } finally {
    closeSync(opened);
  }
}

function requireOwn(file: string, { mode, uid }: Stats): void {
  if ((mode & 0o022) === 0 && (uid === 0 || uid === process.getuid?.())) return;
  throw refused(
    'config-unsafe',
    `${file} can be changed by others, and jtx runs what it says as root`,
    `chown root ${file}; chmod go-w ${file}`,
  );
}
