import { Command, CommanderError } from 'commander';
import { JtxError } from '../error.ts';
import { version } from '../version.ts';
import { asideCommand } from './aside.ts';
import { autoremoveCommand } from './autoremove.ts';
import { backupCommand } from './backup.ts';
import { checkBackupCommand } from './check-backup.ts';
import { confirmCommand, trialCommand } from './confirm.ts';
import { diffCommand } from './diff.ts';
import { historyCommand } from './history.ts';
import { installCommand } from './install.ts';
import { printError } from './outcome.ts';
import { pruneCommand } from './prune.ts';
import { recoverCommand } from './recover.ts';
import { removeCommand } from './remove.ts';
import { restoreCommand } from './restore.ts';
import { rollbackCommand } from './rollback.ts';
import { runCommandVerb } from './run.ts';
import { showCommand } from './show.ts';
import { statusCommand } from './status.ts';
import { upgradeCommand } from './upgrade.ts';

const verbs = [
  installCommand,
  upgradeCommand,
  removeCommand,
  autoremoveCommand,
  runCommandVerb,
  rollbackCommand,
  historyCommand,
  showCommand,
  statusCommand,
  diffCommand,
  asideCommand,
  confirmCommand,
  backupCommand,
  restoreCommand,
  checkBackupCommand,
  pruneCommand,
  recoverCommand,
];

/** Runs the command line; gives the exit status. Errors that jtx does not expect keep their stack. */
export async function main(argv: readonly string[]): Promise<number> {
  surviveClosedOutput();
  const program = new Command('jtx')
    .description('Software changes in FreeBSD jails as transactions.')
    .version(version)
    .showHelpAfterError('(jtx --help shows how)');
  for (const verb of verbs) program.addCommand(verb());
  program.addCommand(trialCommand(), { hidden: true });
  for (const command of everyCommand(program)) command.exitOverride();
  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof JtxError)) throw error;
    return printError(error, argv.includes('--json'), argv[2] ?? '');
  }
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** A reader or a terminal that goes away must not end a transaction half way: what is printed then is lost, nothing else. */
function surviveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}
