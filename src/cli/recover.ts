import { Command, Option } from 'commander';
import { sweepTemporaryDirectories } from '../host/temporary-directory.ts';
import { envelope } from '../report/json.ts';
import type { Ending } from '../transaction/ending.ts';
import { leaveAsItIs } from '../transaction/leave.ts';
import { rebuildJournal } from '../transaction/rebuild.ts';
import { recoverAll } from '../transaction/recover.ts';
import { recoverTrials } from '../transaction/trial.ts';
import { withContext } from './invocation.ts';
import { errorOf, printEnding } from './outcome.ts';
import { print } from './reading.ts';

interface RecoverOptions {
  rebuild?: boolean;
  leave?: string;
  json?: boolean;
}

/**
 * `jtx recover`: puts right what a crash left; with --rebuild, a lost journal first; with --leave, nothing but that one
 * transaction is closed.
 */
export function recoverCommand(): Command {
  return new Command('recover')
    .description('put right what a crash, a kill or a power cut left')
    .option('--rebuild', 'first restore a lost journal from what the snapshots know')
    .addOption(
      new Option(
        '--leave <transaction>',
        'close one that cannot be put right, or that you have: its jail stays as it is',
      ).conflicts('rebuild'),
    )
    .option('--json', 'print one JSON object')
    .action(async (options: RecoverOptions) => {
      const { leave, json = false } = options;
      if (leave === undefined) await putRight(options.rebuild === true, json);
      else await closeOne(leave, json);
    });
}

async function putRight(rebuild: boolean, json: boolean): Promise<void> {
  const { restored, endings, bugs } = await withContext(json, async (context) => {
    const restored = rebuild ? await rebuildJournal(context) : 0;
    const left = await recoverAll(context);
    const trials = await recoverTrials(context);
    // Last: whatever may fail of it keeps no jail from being put right.
    sweepTemporaryDirectories(Date.now());
    return {
      restored,
      endings: [...left.endings, ...trials.endings],
      bugs: [...left.bugs, ...trials.bugs],
    };
  });
  if (json) printJson(restored, endings);
  else {
    if (rebuild) print(`${restored} transactions restored from their snapshots.`);
    for (const ending of endings) printEnding(ending, false);
    if (endings.length === 0) print('Nothing to recover.');
  }
  // What was put right is no failure of recovery: only what still needs a person is.
  const unfinished = endings.some(({ state, warnings }) => state === 'stuck' || warnings.length > 0);
  process.exitCode = unfinished ? 5 : 0;
  if (bugs.length > 0) throw bugs.length === 1 ? bugs[0] : new AggregateError(bugs);
}

/** Whatever the outcome was, there is nothing left to do. */
async function closeOne(transaction: string, json: boolean): Promise<void> {
  const ending = await withContext(json, (context) => leaveAsItIs(context, transaction));
  if (json) printJson(0, [ending]);
  else print(ending.notes.join('\n'));
}

function printJson(restored: number, endings: readonly Ending[]): void {
  const transactions = endings.map((ending) => ({ ...ending, error: errorOf(ending) }));
  print(envelope('recover', { restored, transactions }));
}
