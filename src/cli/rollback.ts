import { Command } from 'commander';
import { usage } from '../error.ts';
import { jailName } from '../jail/name.ts';
import type { OnData } from '../transaction/request.ts';
import { rollback } from '../transaction/rollback.ts';
import { onDataOption } from './change-options.ts';
import { withContext } from './invocation.ts';
import { printEnding } from './outcome.ts';

interface RollbackOptions {
  plan?: boolean;
  discard?: boolean;
  onData: OnData;
  json?: boolean;
}

/** `jtx rollback`: brings a jail back to an earlier state, and sets aside what it is now. */
export function rollbackCommand(): Command {
  return new Command('rollback')
    .description('bring a jail back: before a transaction, to a snapshot, to a time')
    .argument('<jail>', 'the jail')
    .argument(
      '[to]',
      'a transaction to undo, a snapshot as @NAME, a time as "2 days ago"; else the newest change',
    )
    .option('--plan', 'show what would happen; nothing is changed')
    .addOption(onDataOption())
    .option('--discard', 'the same as --on-data discard: go back in place, and lose what is there now')
    .option('--json', 'print one JSON object')
    .action(rollBack);
}

async function rollBack(jail: string, to: string | undefined, options: RollbackOptions): Promise<void> {
  const json = options.json === true;
  const planOnly = options.plan === true;
  const discard = options.discard === true;
  if (discard && options.onData === 'refuse')
    throw usage('--discard and --on-data refuse exclude each other');
  const onData = discard ? 'discard' : options.onData;
  const request = { jail: jailName(jail), to, planOnly, onData };
  const ending = await withContext(json, (context) => rollback(context, request));
  printEnding(ending, json, planOnly);
}
