import type { Colour } from './colour.ts';
import { safeLine } from './safe-text.ts';

/** One cell: its text, and how it is set off on a terminal. */
export interface Cell {
  text: string;
  paint?: (text: string) => string;
}

/** Where a table is printed. */
export interface Look {
  tty: boolean;
  colour: Colour;
}

/**
 * A table without frames, so that a column can be copied and a script can cut it; no line ends in spaces. What lays
 * it out on a terminal takes longer to load than a whole history to read: a pipe does without.
 */
export async function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { tty, colour }: Look,
): Promise<string> {
  const texts = rows.map((row) => row.map(({ text }) => safeLine(text)));
  if (!tty) return trimmed(aligned([head, ...texts]));
  const { terminalTable } = await import('./terminal-table.ts');
  const painted = texts.map((row, y) => row.map((text, x) => rows[y]?.[x]?.paint?.(text) ?? text));
  return trimmed(terminalTable([head.map(colour.bold), ...painted]));
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  return rows.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

function trimmed(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
