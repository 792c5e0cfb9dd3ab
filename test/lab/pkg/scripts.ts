import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from './error-text.ts';
import { runLuaScripts } from './lua-scripts.ts';
import { type Manifest, nameVersion } from './manifest.ts';
import type { Session } from './session.ts';

const SHELL = '/bin/sh';
/** Linux takes no longer single argument; FreeBSD's limit is higher, so this is where we use stdin. */
const LONGEST_ARGUMENT = 128 * 1024 - 1;

/** When a script runs, and the argument that the script for both occasions is told it by. */
export type Occasion = 'pre-install' | 'post-install' | 'pre-deinstall' | 'post-deinstall';

const ARGUMENTS: Record<Occasion, string> = {
  'pre-install': 'PRE-INSTALL',
  'post-install': 'POST-INSTALL',
  'pre-deinstall': 'DEINSTALL',
  'post-deinstall': 'POST-DEINSTALL',
};

/** Runs a package's scripts of an occasion, Lua first; false where one failed. */
export function runScripts(session: Session, pkg: Manifest, occasion: Occasion, upgrade: boolean): boolean {
  if (!session.config.boolean('RUN_SCRIPTS')) return true;
  if (!runLuaScripts(session, pkg, occasion, upgrade)) {
    if (occasion === 'pre-install') return false;
  }
  const both = occasion.endsWith('deinstall') ? 'deinstall' : 'install';
  let succeeded = true;
  for (const type of [occasion, both]) {
    const script = pkg.scripts[type];
    if (script === undefined) continue;
    succeeded = runShell(session, pkg, script, ARGUMENTS[occasion], type === both, upgrade);
  }
  return succeeded;
}

function runShell(
  session: Session,
  pkg: Manifest,
  script: string,
  argument: string,
  tell: boolean,
  upgrade: boolean,
): boolean {
  const { reporter, options } = session;
  // Set in pkg's own environment and left there: a script sees what the one before it was told.
  if (upgrade) process.env['PKG_UPGRADE'] = 'true';
  process.env['PKG_NAME'] = pkg.name;
  process.env['PKG_PREFIX'] = pkg.prefix;
  process.env['PKG_ROOTDIR'] = options.rootdir ?? '/';
  if (options.chroot !== undefined) process.env['PKG_CHROOTED'] = 'true';
  process.env['PKG_MSGFD'] = '4';
  const chrooted = options.chroot !== undefined;
  const trace = session.config.boolean('DEBUG_SCRIPTS') ? 'set -x\n' : '';
  const command = `${trace}set -- ${nameVersion(pkg)}${tell ? ` ${argument}` : ''}\n${script}`;
  const failure = shellProblem(session);
  if (failure !== undefined) {
    reporter.error(`Cannot run script ${argument}:${failure}`);
    return true;
  }
  const place = mkdtempSync(join(tmpdir(), 'pkg-message-'));
  const messages = join(place, 'messages');
  const long = Buffer.byteLength(command) > LONGEST_ARGUMENT;
  if (long) writeFileSync(join(place, 'script'), command);
  const stdin = openSync(long ? join(place, 'script') : '/dev/null', 'r');
  const descriptor = openSync(messages, 'a+', 0o600);
  const shell = long ? [SHELL, '-s'] : [SHELL, '-c', command];
  const [program = '', ...args] = chrooted ? ['chroot', session.root.directory, ...shell] : shell;
  const run = spawnSync(program, args, {
    stdio: [stdin, 'inherit', 'inherit', 'ignore', descriptor],
    cwd: session.root.directory,
  });
  delete process.env['PKG_PREFIX'];
  closeSync(stdin);
  closeSync(descriptor);
  const said = readFileSync(messages, 'utf8');
  rmSync(place, { recursive: true, force: true });
  if (said !== '') reporter.message(said);
  if (run.error !== undefined) {
    reporter.error(`Cannot run script ${argument}:${errorText(run.error)}`);
    return true;
  }
  // A script that a signal ended has no status, and pkg takes that for success.
  if (run.status === null || run.status === 0) return true;
  // Since 2017: a script's status 3 ends pkg at once, successfully, with its locks held.
  if (run.status === 3) process.exit(0);
  reporter.error(`${argument} script failed`);
  return false;
}

/** What posix_spawn(3) would say about the shell; chroot(8) would say it with a status of its own. */
function shellProblem(session: Session): string | undefined {
  const path = session.options.rootdir === undefined ? session.root.followed(SHELL) : SHELL;
  try {
    const file = statSync(path);
    if (!file.isFile() || (file.mode & 0o111) === 0) return 'Permission denied';
    const head = readFileSync(path).subarray(0, 20);
    if (head.toString('latin1', 0, 2) === '#!') return undefined;
    if (head.toString('latin1', 0, 4) !== '\x7fELF') return 'Exec format error';
    return runnable(head.readUInt16LE(18)) ? undefined : 'Exec format error';
  } catch (error) {
    return errorText(error);
  }
}

function runnable(machine: number): boolean {
  const own: Record<string, number> = { x64: 62, arm64: 183, ia32: 3, riscv64: 243 };
  return own[process.arch] === machine || (process.arch === 'x64' && machine === 3);
}
