import type { TransactionRow } from '../journal/rows.ts';

/** What it did, as a person would ask for it: `install nginx`. */
export function deed({ verb, arguments: words }: TransactionRow): string {
  return [verb, ...words].join(' ');
}

/** Its state, and what a person should know of it besides. */
export function stateWords(row: TransactionRow): string {
  if (row.undoneBy !== null) return `${row.state}, undone`;
  if (row.confirmBy !== null && row.state === 'committed') return 'committed, on trial';
  if (row.state === 'stuck') return row.settled ? 'stuck, left as it is' : row.state;
  return row.settled || row.state === 'open' ? row.state : `${row.state}, unsettled`;
}
