import { Command } from 'commander';
import { envelope } from '../report/json.ts';
import { rebuildJournal } from '../transaction/rebuild.ts';
import { recoverAll } from '../transaction/recover.ts';
import { recoverTrials } from '../transaction/trial.ts';
import { withContext } from './invocation.ts';
import { printEnding } from './outcome.ts';

interface RecoverOptions {
  rebuild?: boolean;
  json?: boolean;
}

/** `jtx recover`: puts right what a crash left; with --rebuild, a lost journal first. */
export function recoverCommand(): Command {
  return new Command('recover')
    .description('put right what a crash, a kill or a power cut left')
    .option('--rebuild', 'first restore a lost journal from what the snapshots know')
    .option('--json', 'print one JSON object')
    .action(async (options: RecoverOptions) => {
      const json = options.json === true;
      const { restored, endings } = await withContext(json, async (context) => ({
        restored: options.rebuild === true ? await rebuildJournal(context) : 0,
        endings: [...(await recoverAll(context)), ...(await recoverTrials(context))],
      }));
      if (json) process.stdout.write(`${envelope('recover', { restored, transactions: endings })}\n`);
      else {
        if (options.rebuild === true)
          process.stdout.write(`${restored} transactions restored from their snapshots.\n`);
        for (const ending of endings) printEnding(ending, false);
        if (endings.length === 0) process.stdout.write('Nothing to recover.\n');
      }
      // What was put right is no failure of recovery: only what still needs a person is.
      const unfinished = endings.some(({ state, warnings }) => state === 'stuck' || warnings.length > 0);
      process.exitCode = unfinished ? 5 : 0;
    });
}
