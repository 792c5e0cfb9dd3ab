import CliTable from 'cli-table3';

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

/** Rows aligned as a terminal shows them: colours take no room, wide characters take two columns. */
export function terminalTable(rows: readonly (readonly string[])[]): string {
  const cells = new CliTable({
    chars: borderless,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  cells.push(...rows.map((row) => [...row]));
  return cells.toString();
}
