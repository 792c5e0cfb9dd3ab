import { type Definition, everyDefinition, type Offer, type OptionDefinition } from './definitions.ts';
import { quoted } from './table.ts';

/** A function for each verb, which tells _arguments what it takes. */
export function zshFunctions(program: Definition): string {
  return everyDefinition(program).map(functionOf).join('\n\n');
}

function functionOf(definition: Definition): string {
  const name = ['_jtx', ...definition.words].join('_');
  const options = definition.options.flatMap(specsOf);
  if (definition.verbs.length > 0) {
    const verbs = definition.verbs.map(({ words, description }) => `${words.at(-1)}:${description}`);
    return [
      `${name}() {`,
      `  __jtx_verb ${name} ${options.length} ${continued([...options, ...verbs])}`,
      '}',
    ].join('\n');
  }
  const operands = definition.operands.map(
    ({ name: what, offer, required, variadic }) =>
      `${variadic ? '*' : ''}${required || variadic ? ':' : '::'}${what}:${actionFor(offer)}`,
  );
  return [`${name}() {`, `  _arguments -S ${continued([...options, ...operands])}`, '}'].join('\n');
}

function continued(words: readonly string[]): string {
  return words.map((word) => `\\\n    ${quoted(word)}`).join(' ');
}

/** An option with a value may be given again, for all that its definition says. */
function specsOf({ flags, value, description }: OptionDefinition): string[] {
  const told = `[${description.replaceAll(/[[\]\\]/g, '\\$&')}]`;
  if (value === undefined) return flags.map((flag) => `(${flags.join(' ')})${flag}${told}`);
  return flags.map(
    (flag) => `*${flag}${flag.startsWith('--') ? '=' : '+'}${told}:${value.name}:${actionFor(value.offer)}`,
  );
}

function actionFor(offer: Offer): string {
  switch (offer) {
    case 'jail':
      return ' __jtx_jails';
    case 'transaction':
      return ' __jtx_transactions';
    case 'to':
      return ' __jtx_transactions $line[1]';
    case 'file':
      return '_files';
    case 'dir':
      return '_directories';
    case 'nothing':
      return ' ';
    default:
      return `(${offer.join(' ')})`;
  }
}
