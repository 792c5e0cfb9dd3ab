import { type Definition, everyDefinition, type Offer } from './definitions.ts';

/** What bash and fish look up of one verb: plain words, in which an offer of words is written `one|other`. */
export interface Row {
  verbs: string[];
  /** Each as `--option=offer`. */
  values: string[];
  operands: string[];
  /** The offer for all that follow the operands. */
  more: string;
}

/** The row of one verb. */
export function rowOf({ options, operands, verbs }: Definition): Row {
  const offers = (variadic: boolean) =>
    operands.filter((operand) => operand.variadic === variadic).map(({ offer }) => wordOf(offer));
  return {
    verbs: verbs.map(({ words }) => words.at(-1) ?? ''),
    values: options.flatMap(({ flags, value }) =>
      value === undefined ? [] : flags.map((flag) => `${flag}=${wordOf(value.offer)}`),
    ),
    operands: offers(false),
    more: offers(true)[0] ?? 'nothing',
  };
}

/** Every different branch of a table once, with the verbs that it is for. */
export function branches(
  program: Definition,
  branchOf: (definition: Definition) => string,
): [branch: string, verbs: string[]][] {
  const found = new Map<string, string[]>();
  for (const definition of everyDefinition(program)) {
    const branch = branchOf(definition);
    found.set(branch, [...(found.get(branch) ?? []), definition.words.join(' ')]);
  }
  return [...found];
}

/** A word in single quotes, as sh(1), bash and zsh read it. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function wordOf(offer: Offer): string {
  return typeof offer === 'string' ? offer : offer.join('|');
}
