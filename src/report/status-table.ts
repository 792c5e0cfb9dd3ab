import type { TransactionRow } from '../journal/rows.ts';
import { stateColour } from './colour.ts';
import { type Look, table } from './table.ts';
import { relativeTime } from './time.ts';
import { deed, stateWords } from './transaction-words.ts';

/** What is known of one jail. */
export interface JailStatus {
  jail: string;
  last: TransactionRow;
  /** Its transactions with something left to do, oldest first. */
  unsettled: readonly TransactionRow[];
}

/** What `jtx status` prints: one jail a line, and what needs a hand below. */
export async function statusTable(jails: readonly JailStatus[], now: number, look: Look): Promise<string> {
  const listed = await table(
    ['JAIL', 'STATE', 'WHEN', 'LAST', 'WHAT'],
    jails.map(({ jail, last }) => [
      { text: jail, paint: look.colour.bold },
      { text: stateWords(last), paint: stateColour(look.colour, last.state) },
      { text: relativeTime(last.started, now), paint: look.colour.dim },
      { text: last.id },
      { text: deed(last) },
    ]),
    look,
  );
  const waiting = jails.flatMap(({ unsettled }) => unsettled).map(attention);
  return waiting.length === 0 ? listed : [listed, '', ...waiting].join('\n');
}

/** What needs a hand, in one line. */
export function attention(row: TransactionRow): string {
  const { jail, id } = row;
  if (row.state === 'stuck')
    return `${jail}: ${id} is stuck and needs a person: jtx show ${id}, then jtx recover [--leave ${id}]`;
  if (row.state === 'open') return `${jail}: ${id} is under way, or was cut off: then jtx recover`;
  return `${jail}: ${id} has something left to do: jtx recover`;
}
