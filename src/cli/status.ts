import { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { isSameJail } from '../jail/manager.ts';
import type { Journal } from '../journal/journal.ts';
import { safeLine } from '../report/safe-text.ts';
import type { JailStatus } from '../report/status-table.ts';
import { historyOf, noTransactions, outputLook, print, withJournal } from './reading.ts';

/** `jtx status`: the last transaction of each jail, and what is left to do. */
export function statusCommand(): Command {
  return new Command('status')
    .description('show the last transaction of each jail, and what is left to do')
    .argument('[jail]', 'only this jail')
    .option('--check', 'print only what needs a person, and exit with 5 where something does')
    .option('--json', 'print one JSON object')
    .action(showStatus);
}

interface StatusOptions {
  check?: boolean;
  json?: boolean;
}

async function showStatus(jail: string | undefined, { check, json }: StatusOptions): Promise<void> {
  if (check === true) return showWhatIsWrong(jail, json === true);
  const jails = await withJournal((journal) => (journal ? statusOf(journal, jail) : []));
  if (json === true) {
    const { envelope } = await import('../report/json.ts');
    const { transactionJson } = await import('../report/transaction-json.ts');
    const listed = jails.map(({ jail: name, last, unsettled }) => ({
      jail: name,
      last: transactionJson(last),
      unsettled: unsettled.map(transactionJson),
    }));
    print(envelope('status', { jails: listed }));
  } else if (jails.length === 0) {
    print(noTransactions(jail));
  } else {
    const { statusTable } = await import('../report/status-table.ts');
    print(await statusTable(jails, Date.now(), await outputLook()));
  }
}

function statusOf(journal: Journal, jail: string | undefined): JailStatus[] {
  const unsettled = journal.unsettled();
  const latest = jail === undefined ? journal.latest() : historyOf(journal, jail, 1);
  return latest.map((last) => ({
    jail: last.jail,
    last,
    unsettled: unsettled.filter((row) => isSameJail(row.root, row.jail, last.jail)),
  }));
}

async function showWhatIsWrong(jail: string | undefined, json: boolean): Promise<void> {
  const unsettled = await withJournal((journal) => journal?.unsettled() ?? []);
  const { exposures } = await import('../journal/private.ts');
  const { attention } = await import('../report/status-table.ts');
  const faults = [
    ...unsettled.filter((row) => jail === undefined || isSameJail(row.root, row.jail, jail)).map(attention),
    ...exposures(loadConfig(process.env).journal).map(({ says, mend }) => `${says}: ${mend}`),
  ].map(safeLine);
  process.exitCode = faults.length > 0 ? 5 : 0;
  if (json) {
    const { envelope } = await import('../report/json.ts');
    print(envelope('status', { faults }));
  } else for (const fault of faults) print(fault);
}
