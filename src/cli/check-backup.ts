import { Command } from 'commander';
import { type CheckEnding, type CheckFailure, checkBackups } from '../backup/check-backups.ts';
import { usage } from '../error.ts';
import { jailName } from '../jail/name.ts';
import { envelope } from '../report/json.ts';
import { safeText } from '../report/safe-text.ts';
import { withContext } from './invocation.ts';
import { targetOption } from './target-option.ts';

interface CheckOptions {
  target: string[];
  sample?: string;
  json?: boolean;
}

/** `jtx check-backup`: the drill: restores backups, to see that they can be. */
export function checkBackupCommand(): Command {
  return new Command('check-backup')
    .description('restore the newest backups beside everything, compare every file, and take them away again')
    .argument('[jail...]', 'only these jails')
    .addOption(targetOption('only from this target', 'all'))
    .option('--sample <count>', 'at most so many, those first that were proved longest ago or never')
    .option('--json', 'print one JSON object')
    .action(check);
}

async function check(jails: string[], { target, sample, json }: CheckOptions): Promise<void> {
  const request = { jails: jails.map(jailName), targets: target, sample: countOf(sample) };
  const ending = await withContext(json === true, (context) => checkBackups(context, request));
  process.exitCode = statusOf(ending);
  const { checks, failures, leftOut } = ending;
  if (json === true) {
    const told = checks.map((one) => ({ ...one, at: new Date(one.at).toISOString() }));
    process.stdout.write(
      `${envelope('check-backup', { checks: told, failures: failures.map(failureJson), leftOut })}\n`,
    );
  } else {
    const lines = [
      ...failures.map(failureLine),
      ...(leftOut.length > 0 ? [`Left out, with no dataset here any more: ${leftOut.join(', ')}.`] : []),
      ...checks.map(({ jail, target: from, point, state, message }) => {
        const word = state === 'proved' ? 'proved' : 'NOT PROVED';
        return `${jail} from ${from}, backup ${point}: ${word}: ${message ?? ''}`;
      }),
      ...(ending.signal === null ? [] : ['Interrupted.']),
    ];
    process.stdout.write(
      `${(lines.length > 0 ? lines : ['There is no backup yet.']).map(safeText).join('\n')}\n`,
    );
  }
}

/** What is not proved needs a person. */
function statusOf({ checks, failures, signal }: CheckEnding): number {
  if (signal !== null) return 128 + signal;
  return failures.length > 0 || checks.some(({ state }) => state === 'failed') ? 5 : 0;
}

function failureLine({ jail, target, error }: CheckFailure): string {
  return `${jail === null ? target : `${jail} from ${target}`} FAILED: ${error.message}`;
}

function failureJson({ jail, target, error: { code, message, hint } }: CheckFailure) {
  return { jail, target, error: { code, message, hint: hint ?? null } };
}

function countOf(sample: string | undefined): number | undefined {
  if (sample === undefined) return undefined;
  if (/^[1-9]\d{0,4}$/.test(sample)) return Number(sample);
  throw usage(`--sample takes a number from 1, not ${JSON.stringify(sample)}`);
}
