import { Command, CommanderError } from 'commander';
import { JtxError, usage } from '../error.ts';
import { version } from '../version.ts';
import { printError } from './outcome.ts';

// Each verb is loaded when it is asked for: what history needs is little, and it starts as fast.
const verbs = new Map<string, () => Promise<Command>>([
  ['install', async () => (await import('./install.ts')).installCommand()],
  ['upgrade', async () => (await import('./upgrade.ts')).upgradeCommand()],
  ['remove', async () => (await import('./remove.ts')).removeCommand()],
  ['autoremove', async () => (await import('./autoremove.ts')).autoremoveCommand()],
  ['doctor', async () => (await import('./doctor.ts')).doctorCommand()],
  ['verify', async () => (await import('./verify.ts')).verifyCommand()],
  ['run', async () => (await import('./run.ts')).runCommandVerb()],
  ['rollback', async () => (await import('./rollback.ts')).rollbackCommand()],
  ['history', async () => (await import('./history.ts')).historyCommand()],
  ['show', async () => (await import('./show.ts')).showCommand()],
  ['status', async () => (await import('./status.ts')).statusCommand()],
  ['diff', async () => (await import('./diff.ts')).diffCommand()],
  ['aside', async () => (await import('./aside.ts')).asideCommand()],
  ['confirm', async () => (await import('./confirm.ts')).confirmCommand()],
  ['backup', async () => (await import('./backup.ts')).backupCommand()],
  ['restore', async () => (await import('./restore.ts')).restoreCommand()],
  ['check-backup', async () => (await import('./check-backup.ts')).checkBackupCommand()],
  ['prune', async () => (await import('./prune.ts')).pruneCommand()],
  ['recover', async () => (await import('./recover.ts')).recoverCommand()],
]);

/** What waits in the background for the end of a trial: nobody has to call it. */
const unnamed = new Map([['trial', async () => (await import('./confirm.ts')).trialCommand()]]);

/** Runs the command line; gives the exit status. Errors that jtx does not expect keep their stack. */
export async function main(argv: readonly string[]): Promise<number> {
  let over = false;
  surviveLostOutput(() => over);
  const program = await programFor(argv[2]);
  for (const command of everyCommand(program)) prepare(command);
  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const json = asksForJson(argv);
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      // People have been told by then.
      if (json) printError(usage(error.message.replace(/^error: /, '')), json, verbOf(argv));
      return 2;
    }
    const known = error instanceof JtxError ? error : await addonFailure(error, argv);
    if (!known) throw error;
    return printError(known, json, verbOf(argv));
  } finally {
    over = true;
  }
}

async function addonFailure(
  error: unknown,
  [, program = '']: readonly string[],
): Promise<JtxError | undefined> {
  const { unusableAddon } = await import('./addon.ts');
  return unusableAddon(error, program);
}

/** The verb that was asked for, or what stands in its place; empty where there is none. */
function verbOf([, , first = '']: readonly string[]): string {
  return first.startsWith('-') ? '' : first;
}

/** What stands after `--` is for another program. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  return own.includes('--json') || own.includes('--ndjson');
}

/**
 * The program with the one verb that is meant, or else with all of them: what may be a wish for help, or a slip, is told
 * of every one. Completions and the manual page are made from all (scripts/reference).
 */
export async function programFor(verb = ''): Promise<Command> {
  const program = new Command('jtx')
    .description('Software changes in FreeBSD jails as transactions.')
    .version(version);
  const wanted = verbs.get(verb) ?? unnamed.get(verb);
  const loads = wanted === undefined ? [...verbs.values()] : [wanted];
  for (const command of await Promise.all(loads.map((load) => load()))) program.addCommand(command);
  return program;
}

/** A slip is told with the command that shows how it is done; what ends the process is left to {@link main}. */
function prepare(command: Command): void {
  const words = [];
  for (let one: Command | null = command; one; one = one.parent) words.unshift(one.name());
  command.exitOverride().showHelpAfterError(`(${words.join(' ')} --help shows how)`);
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/**
 * A reader or a terminal that goes away, or a log for which there is no room, must not end a transaction half way: what
 * is printed then is lost, nothing else. Results are printed at the very end, and a stream tells only then that it failed,
 * when all `isOver`: one that is lost without a reader's wish is told.
 */
function surviveLostOutput(isOver: () => boolean): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isOver() && error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}
