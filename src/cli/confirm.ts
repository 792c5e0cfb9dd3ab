import { Command } from 'commander';
import { jailName } from '../jail/name.ts';
import { envelope } from '../report/json.ts';
import { confirmTrial, waitForTrial } from '../transaction/trial.ts';
import { withContext } from './invocation.ts';
import { print } from './reading.ts';

/** `jtx confirm`: keeps what was committed on trial. */
export function confirmCommand(): Command {
  return new Command('confirm')
    .description('keep what was committed on trial (--confirm-within)')
    .argument('<jail>', 'the jail')
    .option('--json', 'print one JSON object')
    .action(async (jail: string, { json }: { json?: boolean }) => {
      const row = await withContext(true, async (context) => confirmTrial(context, jailName(jail)));
      print(
        json === true
          ? envelope('confirm', { transaction: { id: row.id, jail: row.jail } })
          : `${row.jail}: confirmed. (${row.id})`,
      );
    });
}

/** `jtx trial`: what waits in the background for the end of a trial; nobody has to call it. */
export function trialCommand(): Command {
  return new Command('trial').argument('<transaction>').action(async (id: string) => {
    await withContext(true, (context) => waitForTrial(context, id));
  });
}
