import { Command, InvalidArgumentError } from 'commander';
import { historyOf, noTransactions, outputLook, print, withJournal } from './reading.ts';

interface HistoryOptions {
  limit: number;
  json?: boolean;
}

/** `jtx history`: the newest transactions, of one jail or of all. */
export function historyCommand(): Command {
  return new Command('history')
    .description('show the newest transactions')
    .argument('[jail]', 'only those of this jail')
    .option('-n, --limit <number>', 'how many', atLeastOne, 20)
    .option('--json', 'print one JSON object')
    .action(showHistory);
}

async function showHistory(jail: string | undefined, { limit, json }: HistoryOptions): Promise<void> {
  const rows = await withJournal((journal) => {
    if (!journal) return [];
    return jail === undefined ? journal.history({ limit }) : historyOf(journal, jail, limit);
  });
  if (json === true) {
    const { envelope } = await import('../report/json.ts');
    const { transactionJson } = await import('../report/transaction-json.ts');
    print(envelope('history', { transactions: rows.map(transactionJson) }));
  } else if (rows.length === 0) {
    print(noTransactions(jail));
  } else {
    const { historyTable } = await import('../report/history-table.ts');
    print(await historyTable(rows, Date.now(), await outputLook()));
  }
}

function atLeastOne(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number, at least 1.');
}
