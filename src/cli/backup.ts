import { Command } from 'commander';
import { type BackupEnding, backUp } from '../backup/back-up.ts';
import { usage } from '../error.ts';
import { jailName } from '../jail/name.ts';
import { backupLines } from '../report/backup-text.ts';
import { envelope } from '../report/json.ts';
import { safeText } from '../report/safe-text.ts';
import { type StatusOptions, showBackupStatus } from './backup-status.ts';
import { withContext } from './invocation.ts';
import { targetOption } from './target-option.ts';

interface BackupOptions extends StatusOptions {
  status?: boolean;
}

/** `jtx backup`: brings what has changed of the jails to every target. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('back jails up: all of them, or those that are named')
    .argument('[jail...]', 'only these jails')
    .addOption(targetOption('only to this target', 'all'))
    .option(
      '--status',
      'back nothing up: show where every jail stands on every target, with exit statuses of Nagios',
    )
    .option('--warn <time>', 'with --status: from what age on a backup is a WARNING (default: 26h)')
    .option('--critical <time>', 'with --status: from what age on it is CRITICAL (default: 50h)')
    .option(
      '--proved-within <time>',
      'with --status: a WARNING where no restore has proved a backup for so long',
    )
    .option('--prometheus', 'with --status: print metrics for the textfile collector')
    .option('--json', 'print one JSON object')
    .action((jails: string[], options: BackupOptions) =>
      options.status === true ? showBackupStatus(jails, options) : backUpJails(jails, options),
    );
}

async function backUpJails(jails: string[], options: BackupOptions): Promise<void> {
  const { target, json, warn, critical, provedWithin, prometheus } = options;
  if ([warn, critical, provedWithin, prometheus].some((option) => option !== undefined))
    throw usage('--warn, --critical, --proved-within and --prometheus go with --status');
  const request = { jails: jails.map(jailName), targets: target };
  const ending = await withContext(json === true, (context) => backUp(context, request));
  process.exitCode = statusOf(ending);
  if (json === true) {
    const { id } = ending;
    const results = ending.results.map((result) => ({ ...result, at: new Date(result.at).toISOString() }));
    process.stdout.write(`${envelope('backup', { backup: { id, results } })}\n`);
  } else process.stdout.write(`${backupLines(ending).map(safeText).join('\n')}\n`);
}

/** What is not backed up needs a person: the next backup may fail in the same way. */
function statusOf({ results, signal }: BackupEnding): number {
  if (signal !== null) return 128 + signal;
  return results.some(({ state }) => state === 'failed') ? 5 : 0;
}
