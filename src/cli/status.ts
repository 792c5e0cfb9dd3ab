import { Command } from 'commander';
import type { Journal } from '../journal/journal.ts';
import type { JailStatus } from '../report/status-table.ts';
import { outputLook, print, withJournal } from './reading.ts';

/** `jtx status`: the last transaction of each jail, and what is left to do. */
export function statusCommand(): Command {
  return new Command('status')
    .description('show the last transaction of each jail, and what is left to do')
    .argument('[jail]', 'only this jail')
    .option('--json', 'print one JSON object')
    .action(showStatus);
}

async function showStatus(jail: string | undefined, { json }: { json?: boolean }): Promise<void> {
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
    print(jail === undefined ? 'No transactions yet.' : `No transactions of ${JSON.stringify(jail)} yet.`);
  } else {
    const { statusTable } = await import('../report/status-table.ts');
    print(await statusTable(jails, Date.now(), await outputLook()));
  }
}

function statusOf(journal: Journal, jail: string | undefined): JailStatus[] {
  const unsettled = journal.unsettled();
  const latest = jail === undefined ? journal.latest() : journal.history({ jail, limit: 1 });
  return latest.map((last) => ({
    jail: last.jail,
    last,
    unsettled: unsettled.filter((row) => row.jail === last.jail),
  }));
}
