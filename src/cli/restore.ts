import { Command } from 'commander';
import { restore } from '../backup/restore.ts';
import { restoreFile } from '../backup/restore-file.ts';
import { usage } from '../error.ts';
import { jailName } from '../jail/name.ts';
import { withContext } from './invocation.ts';
import { printEnding } from './outcome.ts';

interface RestoreOptions {
  from?: string;
  at?: string;
  as?: string;
  path?: string;
  plan?: boolean;
  json?: boolean;
}

/** `jtx restore`: makes a jail what it was at a backup. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('make a jail what it was at a backup, or put it beside the others')
    .argument('<jail>', 'the jail, as it was named when it was backed up')
    .option('--from <target>', 'a target, or where one lies; else the newest backup of all of them')
    .option('--at <when>', 'a backup, a transaction, a time as "2 days ago"; else the newest')
    .option('--as <name>', 'beside the jail, under this name')
    .option('--path <path>', 'only this file of it')
    .option('--plan', 'show what would happen; nothing is changed')
    .option('--json', 'print one JSON object')
    .action(restoreJail);
}

async function restoreJail(jail: string, options: RestoreOptions): Promise<void> {
  const json = options.json === true;
  const planOnly = options.plan === true;
  const request = {
    jail: jailName(jail),
    from: options.from,
    at: options.at,
    as: options.as === undefined ? undefined : jailName(options.as),
    planOnly,
  };
  const { path } = options;
  if (path !== undefined && (planOnly || request.as !== undefined))
    throw usage('--path goes with neither --as nor --plan');
  const ending = await withContext(json, (context) =>
    path === undefined ? restore(context, request) : restoreFile(context, request, path),
  );
  printEnding(ending, json, planOnly);
}
