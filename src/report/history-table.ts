import type { TransactionRow } from '../journal/rows.ts';
import { stateColour } from './colour.ts';
import { type Look, table } from './table.ts';
import { relativeTime } from './time.ts';
import { deed, stateWords } from './transaction-words.ts';

const deedKept = 60;

/** What `jtx history` prints: one transaction a line. */
export async function historyTable(
  rows: readonly TransactionRow[],
  now: number,
  look: Look,
): Promise<string> {
  return table(
    ['TRANSACTION', 'WHEN', 'JAIL', 'STATE', 'WHAT'],
    rows.map((row) => [
      { text: row.id },
      { text: relativeTime(row.started, now), paint: look.colour.dim },
      { text: row.jail },
      { text: stateWords(row), paint: stateColour(look.colour, row.state) },
      { text: shortened(deed(row)) },
    ]),
    look,
  );
}

function shortened(text: string): string {
  return text.length <= deedKept ? text : `${text.slice(0, deedKept - 3)}...`;
}
