import { Command } from 'commander';
import { type BackupEnding, backUp } from '../backup/back-up.ts';
import { jailName } from '../jail/name.ts';
import { backupLines } from '../report/backup-text.ts';
import { envelope } from '../report/json.ts';
import { safeText } from '../report/safe-text.ts';
import { withContext } from './invocation.ts';

interface BackupOptions {
  target: string[];
  json?: boolean;
}

/** `jtx backup`: brings what has changed of the jails to every target. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('back jails up: all of them, or those that are named')
    .argument('[jail...]', 'only these jails')
    .option('--target <name>', 'only to this target; may be given again', gather, [])
    .option('--json', 'print one JSON object')
    .action(backUpJails);
}

async function backUpJails(jails: string[], { target, json }: BackupOptions): Promise<void> {
  const request = { jails: jails.map(jailName), targets: target };
  const ending = await withContext(json === true, (context) => backUp(context, request));
  process.exitCode = statusOf(ending);
  if (json === true) {
    const { id, results } = ending;
    process.stdout.write(`${envelope('backup', { backup: { id, results } })}\n`);
  } else process.stdout.write(`${backupLines(ending).map(safeText).join('\n')}\n`);
}

/** What is not backed up needs a person: the next backup may fail in the same way. */
function statusOf({ results, signal }: BackupEnding): number {
  if (signal !== null) return 128 + signal;
  return results.some(({ state }) => state === 'failed') ? 5 : 0;
}

function gather(value: string, before: string[]): string[] {
  return [...before, value];
}
