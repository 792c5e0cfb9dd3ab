import CliTable from 'cli-table3';
import type { Colour } from './colour.ts';
import { safeLine } from './safe-text.ts';

/** One cell: its text, and how it is set off on a terminal. */
export interface Cell {
  text: string;
  paint?: (text: string) => string;
}

/** Where a table is printed. */
export interface Look {
  /** On a terminal: coloured heads. Else plain text, columns aligned by spaces. */
  tty: boolean;
  colour: Colour;
}

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** A table without frames, so that a column can be copied and a script can cut it; no line ends in spaces. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], look: Look): string {
  const cells = new CliTable({
    chars: borderless,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  cells.push(
    head.map((word) => (look.tty ? look.colour.bold(word) : word)),
    ...rows.map((row) =>
      row.map(({ text, paint }) => {
        const safe = safeLine(text);
        return paint && look.tty ? paint(safe) : safe;
      }),
    ),
  );
  return cells
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
