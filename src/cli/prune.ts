import { Command } from 'commander';
import { prune } from '../backup/prune.ts';
import { isBusy } from '../backup/prune-here.ts';
import type { PruneEnding } from '../backup/pruned.ts';
import { jailName } from '../jail/name.ts';
import { envelope } from '../report/json.ts';
import { pruneJson } from '../report/prune-json.ts';
import { pruneLines, prunePlanLines } from '../report/prune-text.ts';
import { safeLine } from '../report/safe-text.ts';
import { withContext } from './invocation.ts';
import { targetOption } from './target-option.ts';

interface PruneOptions {
  target: string[];
  plan?: boolean;
  json?: boolean;
}

/** `jtx prune`: destroys what the retention lets go. */
export function pruneCommand(): Command {
  return new Command('prune')
    .description('destroy the snapshots and backups that the retention keeps no more')
    .argument('[jail...]', 'only of these jails')
    .addOption(targetOption('only on this target', 'all of them, and this host'))
    .option('--plan', 'say what would go, and why the rest stays; destroy nothing')
    .option('--json', 'print one JSON object')
    .action(pruneAll);
}

async function pruneAll(jails: string[], { target, plan, json }: PruneOptions): Promise<void> {
  const request = { jails: jails.map(jailName), targets: target, planOnly: plan === true };
  const ending = await withContext(json === true, (context) => prune(context, request));
  process.exitCode = statusOf(ending);
  const lines = ending.planOnly ? prunePlanLines(ending) : pruneLines(ending);
  const text = json === true ? envelope('prune', pruneJson(ending)) : lines.map(safeLine).join('\n');
  process.stdout.write(`${text}\n`);
}

/** What could not be pruned, and a pool that cannot get its room, need a person. */
function statusOf(ending: PruneEnding): number {
  if (ending.signal !== null) return 128 + ending.signal;
  const short = !ending.planOnly && ending.pools.some(({ free, floor }) => free < floor);
  if (short || ending.failures.some(({ error }) => !isBusy(error))) return 5;
  return ending.failures.length > 0 ? 6 : 0;
}
