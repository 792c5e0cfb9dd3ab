import { Command } from 'commander';
import { jailName } from '../jail/name.ts';
import { packageNames } from '../pkg/names.ts';
import { verifyJail } from '../transaction/verify-jail.ts';
import { parseProbes } from '../verify/probe.ts';
import type { ChangeOptions } from './change-options.ts';
import { abiOf } from './change-request.ts';
import { withContext } from './invocation.ts';
import { printEnding } from './outcome.ts';
import { addProbeOptions } from './probe-options.ts';

/** `jtx verify`: all verifications of a jail as it is. */
export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('verify what is installed in a jail, on a clone of it: nothing of the jail is changed')
    .argument('<jail>', 'the jail')
    .argument('[package...]', 'only these packages');
  return addProbeOptions(command, 'a command that must succeed besides')
    .option('--abi <abi>', 'what the jail is for, where its files do not say; with --osversion')
    .option('--osversion <number>', 'the OSVERSION that goes with --abi')
    .option('--rootdir', 'for a root without a shell: look at it from outside, and run nothing of it')
    .option('--json', 'print one JSON object')
    .action(async (jail: string, words: string[], options: ChangeOptions) => {
      const asked = {
        jail: jailName(jail),
        words: packageNames(words),
        probes: parseProbes(options.verify ?? [], options.expect ?? []),
        abi: abiOf(options),
        rootdir: options.rootdir === true,
      };
      const json = options.json === true;
      printEnding(await withContext(json, (context) => verifyJail(context, asked)), json);
    });
}
