import { Command } from 'commander';
import { lookAtHost } from '../doctor/look-at-host.ts';
import { Journal } from '../journal/journal.ts';
import { envelope } from '../report/json.ts';
import { safeText } from '../report/safe-text.ts';
import { withContext } from './invocation.ts';
import { print } from './reading.ts';

/** `jtx doctor`: whether the host and its jails are as jtx needs them. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'look at the host and at every jail, and say what is wrong and what mends it; nothing is changed',
    )
    .option('--json', 'print one JSON object')
    .action(async ({ json }: { json?: boolean }) => {
      const { tools, jails, findings } = await withContext(json === true, lookAtHost, Journal.openIfThere);
      process.exitCode = findings.length > 0 ? 5 : 0;
      if (json === true) {
        const listed = findings.map(({ about, says, mend }) => ({ about, says, mend: mend ?? null }));
        print(envelope('doctor', { tools, jails, findings: listed }));
        return;
      }
      const lines = [
        `With ${tools.join(', ')}.`,
        ...findings.flatMap(({ about, says, mend }) => [
          `${about}: ${says}`,
          ...(mend === undefined ? [] : mend.split('\n').map((line) => `  ${line}`)),
        ]),
        `${counted(jails.length, 'jail')} looked at: ${findings.length === 0 ? 'all is well' : counted(findings.length, 'finding')}.`,
      ];
      print(lines.map(safeText).join('\n'));
    });
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
