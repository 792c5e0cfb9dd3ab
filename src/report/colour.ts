/** Ways to set text off. */
export interface Colour {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

/** Where colour is wanted the escape sequences of any terminal, else the text as it is. */
export function colours(wanted: boolean): Colour {
  const set =
    (on: number, off: number) =>
    (text: string): string =>
      wanted ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return { bold: set(1, 22), dim: set(2, 22), red: set(31, 39), green: set(32, 39), yellow: set(33, 39) };
}

/** Whether a stream is a terminal on which colour is wanted (https://no-color.org). */
export function wantsColour(
  stream: { isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
}

/** The colour of a state: what is well, what was put back, and what needs a person. */
export function stateColour(colour: Colour, state: string): (text: string) => string {
  if (state === 'committed') return colour.green;
  if (state === 'stuck' || state === 'open') return colour.red;
  return state === 'unchanged' ? colour.dim : colour.yellow;
}
