import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { usage } from '../error.ts';
import type { Abi } from '../jail/abi.ts';
import { jailName } from '../jail/name.ts';
import { option, packageNames } from '../pkg/names.ts';
import { EventReporter } from '../report/event-reporter.ts';
import { change } from '../transaction/change.ts';
import type { Progress } from '../transaction/progress.ts';
import type { ChangeRequest, OnData, PackageVerb } from '../transaction/request.ts';
import { parseProbes } from '../verify/probe.ts';
import { duration } from './duration.ts';
import { withContext } from './invocation.ts';
import { printEnding } from './outcome.ts';
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

/** Adds `--verify`, whose `what` is told in the help, and the `--expect` that goes with it. */
export function addProbeOptions(command: Command, what: string): Command {
  // Two lists alone would not tell which of them belong together.
  const expected = (regex: string, sofar: (string | undefined)[] = []): (string | undefined)[] => {
    const asked: unknown = command.getOptionValue('verify');
    const last = Array.isArray(asked) ? asked.length - 1 : -1;
    if (last < 0) throw usage(`--expect ${regex} stands after no --verify`);
    if (sofar.length > last) throw usage(`--expect ${regex} is a second one for one --verify`);
    return [...sofar, ...Array<undefined>(last - sofar.length), regex];
  };
  return command
    .option('--verify <command>', `${what} (repeatable)`, repeated)
    .option(
      '--expect <regex>',
      'what the output of the --verify before it must match (repeatable)',
      expected,
    );
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
      duration,
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

/** Carries out a change by pkg, and prints how it ended. */
export async function changePackages(
  verb: PackageVerb,
  jail: string,
  words: readonly string[],
  options: ChangeOptions,
): Promise<void> {
  await carryOut({ ...requestOf(verb, jail, options), words: packageNames(words) }, options);
}

/** Carries out any change, and prints how it ended. */
export async function carryOut(request: ChangeRequest, options: ChangeOptions): Promise<void> {
  const json = options.json === true || options.ndjson === true;
  const ending = await withContext(json, (context) =>
    options.ndjson === true
      ? withEvents(request.verb, (progress) => change({ ...context, progress }, request))
      : change(context, request),
  );
  printEnding(ending, json, request.planOnly);
}

/** Tells what a change does as events on standard output, and all of them by the time that it has ended. */
async function withEvents<T>(
  verb: ChangeRequest['verb'],
  use: (progress: Progress) => Promise<T>,
): Promise<T> {
  const events = new EventReporter({ verb, stream: process.stdout });
  try {
    return await use(events);
  } finally {
    events.end();
  }
}

/** Validates everything that a person wrote, before anything is opened. Throws `usage`. */
export function requestOf(verb: ChangeRequest['verb'], jail: string, options: ChangeOptions): ChangeRequest {
  return {
    jail: jailName(jail),
    verb,
    words: [],
    planOnly: options.plan === true,
    rehearse: options.rehearse === true,
    stop: options.stop === true,
    onData: options.onData ?? 'aside',
    confirmWithin: options.confirmWithin,
    allowRemovals: options.allowRemovals === true,
    migrateDatabase: options.migrateDatabase === true,
    ...rootdirOf(options),
    keepFailed: options.keepFailed === true,
    abi: abiOf(options),
    files: {
      pkgConfig: options.pkgConfig === undefined ? undefined : resolve(options.pkgConfig),
      repoConfDir: options.repoConfDir === undefined ? undefined : resolve(options.repoConfDir),
    },
    options: (options.option ?? []).map(option),
    probes: parseProbes(options.verify ?? [], options.expect ?? []),
  };
}

/** What `--rootdir` and `--scripts-on-host` say together. Throws `usage`. */
function rootdirOf({
  rootdir = false,
  scriptsOnHost = false,
}: ChangeOptions): Pick<ChangeRequest, 'rootdir' | 'scriptsOnHost'> {
  if (scriptsOnHost && !rootdir)
    throw usage('--scripts-on-host goes with --rootdir', 'Otherwise scripts run in the jail.');
  return { rootdir, scriptsOnHost };
}

/** What `--abi` and `--osversion` say together. Throws `usage`. */
export function abiOf({ abi, osversion }: ChangeOptions): Abi | undefined {
  if (abi === undefined && osversion === undefined) return undefined;
  if (abi === undefined || osversion === undefined) throw usage('--abi and --osversion go together');
  if (!/^FreeBSD:\d{1,3}:[a-z0-9]+$/.test(abi))
    throw usage(`--abi ${abi}: wanted is something like FreeBSD:14:amd64`);
  if (!/^\d{6,7}$/.test(osversion)) throw usage(`--osversion ${osversion}: wanted is something like 1401000`);
  return { abi, osversion: Number(osversion) };
}
