import { Command } from 'commander';
import { jailName } from '../jail/name.ts';
import { rollback } from '../transaction/rollback.ts';
import { withContext } from './invocation.ts';
import { printEnding } from './outcome.ts';

interface RollbackOptions {
  plan?: boolean;
  stop?: boolean;
  discard?: boolean;
  json?: boolean;
}

/** `jtx rollback`: undoes the newest committed transaction of a jail, in place. */
export function rollbackCommand(): Command {
  return new Command('rollback')
    .description('undo the newest committed transaction of a jail')
    .argument('<jail>', 'the jail')
    .argument('[transaction]', 'its id, or a unique beginning of it')
    .option('--plan', 'show what would happen; nothing is changed')
    .option('--stop', 'stop a running jail before, and start it again after')
    .option('--discard', 'what a running jail wrote since may be lost')
    .option('--json', 'print one JSON object')
    .action(async (jail: string, transaction: string | undefined, options: RollbackOptions) => {
      const json = options.json === true;
      const planOnly = options.plan === true;
      const request = {
        jail: jailName(jail),
        transaction,
        planOnly,
        stop: options.stop === true,
        discard: options.discard === true,
      };
      const ending = await withContext(json, (context) => rollback(context, request));
      printEnding(ending, json, planOnly);
    });
}
