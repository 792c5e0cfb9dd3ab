import { type Command, Option } from 'commander';
import type { OnData } from '../transaction/request.ts';
import { parseDuration } from './duration.ts';
import { addProbeOptions } from './probe-options.ts';
import { repeated } from './repeated.ts';

/** The options of every verb that changes a jail. */
export interface ChangeOptions {
  json?: boolean;
  ndjson?: boolean;
  plan?: boolean;
  rehearse?: boolean;
  stop?: boolean;
  allowRemovals?: boolean;
  migrateDatabase?: boolean;
  rootdir?: boolean;
  scriptsOnHost?: boolean;
  keepFailed?: boolean;
  onData?: OnData;
  confirmWithin?: number;
  verify?: string[];
  /** Each at the place of the `--verify` that it stands after. */
  expect?: (string | undefined)[];
  abi?: string;
  osversion?: string;
  pkgConfig?: string;
  repoConfDir?: string;
  option?: string[];
}

/** What becomes of what a running jail wrote since the snapshot that it goes back to. */
export function onDataOption(): Option {
  const choices: OnData[] = ['aside', 'discard', 'refuse'];
  return new Option('--on-data <what>', 'what becomes of what the jail wrote since, where it has to go back')
    .choices(choices)
    .default('aside');
}

/** Adds the options that `run` shares with the verbs of pkg. */
export function addChangeOptions(command: Command): Command {
  command
    .option('--plan', 'show what would happen; the jail stays as it is')
    .option('--rehearse', 'do it all on a clone first, and touch the jail only if that passed')
    .option('--stop', 'stop a running jail for the length of the change, and start it again');
  return addProbeOptions(command, 'a command that must succeed inside the jail')
    .addOption(onDataOption())
    .option(
      '--confirm-within <time>',
      'roll back unless jtx confirm comes within 90s, 10m, 2h or 1d',
      parseDuration,
    )
    .option('--keep-failed', 'set what a failed change left aside, to look into it')
    .option('--json', 'print one JSON object')
    .option('--ndjson', 'print what goes on as JSON, an object a line; the last is what --json prints');
}

/** Adds the options of the verbs that pkg carries out. */
export function addPackageOptions(command: Command): Command {
  return addChangeOptions(command)
    .option('--abi <abi>', 'install for this ABI; with --osversion')
    .option('--osversion <number>', 'the OSVERSION that goes with --abi')
    .option('--pkg-config <file>', 'a pkg.conf of the host, for this change')
    .option('--repo-conf-dir <dir>', 'repository files of the host, for this change')
    .option('-o, --option <key=value>', 'an option for pkg (repeatable)', repeated)
    .option('--allow-removals', 'accept that other packages are removed')
    .option(
      '--rootdir',
      'for a root without a shell: unpack into it from outside (pkg -r), without any script',
    )
    .option('--scripts-on-host', 'with --rootdir: run the scripts of packages, as root on this host itself')
    .option('--migrate-database', "let the host's pkg migrate an older package database, for good");
}
