import { Command } from 'commander';
import { unknownTransaction } from '../journal/unknown-transaction.ts';
import { outputLook, print, withJournal } from './reading.ts';

/** `jtx show`: everything that the journal holds of one transaction. */
export function showCommand(): Command {
  return new Command('show')
    .description('show everything that is known of one transaction')
    .argument('<transaction>', 'its id, or a unique beginning of at least 4 characters')
    .option('--json', 'print one JSON object')
    .action(showTransaction);
}

async function showTransaction(id: string, { json }: { json?: boolean }): Promise<void> {
  const details = await withJournal((journal) => {
    const row = journal?.transaction(id);
    if (!journal || !row) throw unknownTransaction(id);
    return {
      row,
      steps: journal.steps(row.id),
      commands: journal.commands(row.id),
      changes: journal.changes(row.id),
      verifications: journal.verifications(row.id),
      snapshots: journal.snapshots(row.id),
    };
  });
  if (json === true) {
    const { envelope } = await import('../report/json.ts');
    const { detailsJson } = await import('../report/transaction-json.ts');
    print(envelope('show', { transaction: detailsJson(details) }));
    return;
  }
  const { transactionText } = await import('../report/transaction-text.ts');
  print(transactionText(details, Date.now(), (await outputLook()).colour));
}
