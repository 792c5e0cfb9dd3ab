import { type Definition, everyDefinition, type Operand, type OptionDefinition } from './definitions.ts';

/** The lines of mdoc(7) that show how each verb is called. */
export function manSynopsis(program: Definition): string {
  return callable(program).map(synopsisOf).join('\n');
}

/** The items of a list in mdoc(7) that tell what each verb does and takes. */
export function manVerbs(program: Definition): string {
  const before = new Map<string, string>();
  return callable(program)
    .map((verb) => {
      const options = ownOptions(verb);
      const key = JSON.stringify(options);
      const same = before.get(key);
      before.set(key, same ?? verb.words.join(' '));
      const told = same === undefined || options.length < 2 ? list(options.map(optionItem)) : sameAs(same);
      const operands = list(verb.operands.filter(isTelling).map(operandItem));
      return ['.It Xo', synopsisOf(verb), '.Xc', sentence(verb.description), ...operands, ...told].join('\n');
    })
    .join('\n');
}

function callable(program: Definition): Definition[] {
  return everyDefinition(program).filter(({ verbs }) => verbs.length === 0);
}

function synopsisOf(verb: Definition): string {
  const operands = verb.operands.map(({ name, required, variadic }) => {
    const told = `Ar ${name}${variadic ? ' ...' : ''}`;
    return required ? `.${told}` : `.Op ${told}`;
  });
  return ['.Nm', `.Cm ${verb.words.join(' ')}`, '.Op Ar options', ...operands].join('\n');
}

/** All but the one for help, which every verb has. */
function ownOptions({ options }: Definition): OptionDefinition[] {
  return options.filter(({ flags }) => !flags.includes('--help'));
}

/** Of a jail it is no news that it is the jail. */
function isTelling({ name, description }: Operand): boolean {
  return description !== `the ${name}`;
}

function sameAs(verb: string): string[] {
  return ['The options are those of', `.Cm ${verb} .`];
}

function list(items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['.Bl -tag -width Ds', ...items, '.El'];
}

function operandItem({ name, description }: Operand): string {
  return `.It Ar ${name}\n${sentence(description)}`;
}

function optionItem({ flags, value, told }: OptionDefinition): string {
  const named = flags.map((flag) => `Fl ${flag.slice(1)}`).join(' , ');
  return `.It ${named}${value === undefined ? '' : ` Ar ${value.name}`}\n${sentence(told)}`;
}

/** A description of the help as a sentence, on lines that are no requests of roff's. */
function sentence(text: string): string {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
  const escaped = whole.replaceAll('\\', '\\e').replaceAll(/(?<!\w)-/g, '\\-');
  const lines = escaped.match(/\S.{0,76}(?=\s|$)|\S+/g) ?? [];
  return lines.map((line) => line.replace(/^[.']/, '\\&$&')).join('\n');
}
