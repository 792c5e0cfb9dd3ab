import { loadConfig } from '../config/config.ts';
import { isSameJail } from '../jail/manager.ts';
import type { Journal } from '../journal/journal.ts';
import type { TransactionRow } from '../journal/rows.ts';
import type { Look } from '../report/table.ts';

/** Opens the journal for a verb that only reads, and closes it again. Undefined is a journal that has not begun. */
export async function withJournal<T>(use: (journal: Journal | undefined) => T | Promise<T>): Promise<T> {
  const config = loadConfig(process.env);
  const { Journal } = await import('../journal/journal.ts');
  const journal = Journal.openForReading(config.journal);
  try {
    return await use(journal);
  } finally {
    journal?.close();
  }
}

/** The newest transactions of a jail, also those from when it was known by the name that its manager gives to the kernel. */
export function historyOf(journal: Journal, jail: string, limit: number): TransactionRow[] {
  const same = journal.latest().filter((row) => isSameJail(row.root, row.jail, jail));
  return same
    .flatMap((row) => journal.history({ jail: row.jail, limit }))
    .sort((one, other) => (one.id < other.id ? 1 : -1))
    .slice(0, limit);
}

/** How standard output wants its text. */
export async function outputLook(): Promise<Look> {
  const { colours, wantsColour } = await import('../report/colour.ts');
  const tty = process.stdout.isTTY === true;
  return { tty, colour: colours(wantsColour(process.stdout, process.env)) };
}

/** What there is to say of a jail, or of all, where the journal has nothing. */
export function noTransactions(jail: string | undefined): string {
  return jail === undefined ? 'No transactions yet.' : `No transactions of ${JSON.stringify(jail)} yet.`;
}

/** Prints what a verb has to say. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
