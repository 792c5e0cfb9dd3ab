import type { Argument, Command, Option } from 'commander';

/** What a shell can offer for a value: one of these kinds, or the words that alone are taken. */
export type Offer = 'jail' | 'transaction' | 'to' | 'file' | 'dir' | 'nothing' | readonly string[];

/** The value that an option takes. */
export interface Value {
  name: string;
  offer: Offer;
}

/** An option of a verb, with both its flags where it has two. */
export interface OptionDefinition {
  flags: readonly string[];
  value: Value | undefined;
  description: string;
  /** The description with what is taken and what stands for nothing, as the help has it. */
  told: string;
}

/** A word that stands after a verb. */
export interface Operand extends Value {
  required: boolean;
  variadic: boolean;
  description: string;
}

/** A verb, or the program itself, as plain data. */
export interface Definition {
  /** The words after `jtx`. */
  words: readonly string[];
  description: string;
  options: readonly OptionDefinition[];
  operands: readonly Operand[];
  verbs: readonly Definition[];
}

/** Reads what Commander was told of a command, and of those in it. */
export function definitionOf(command: Command, words: readonly string[] = []): Definition {
  const help = command.createHelp();
  return {
    words,
    description: command.description(),
    options: help
      .visibleOptions(command)
      .map((option) => ({ ...optionOf(option), told: help.optionDescription(option) })),
    operands: command.registeredArguments.map(operandOf),
    verbs: command.commands.map((verb) => definitionOf(verb, [...words, verb.name()])),
  };
}

/** A definition and all that are in it, each before its own. */
export function everyDefinition(definition: Definition): Definition[] {
  return [definition, ...definition.verbs.flatMap(everyDefinition)];
}

function optionOf({ short, long, flags, argChoices, description }: Option): Omit<OptionDefinition, 'told'> {
  const [, name] = /<(.+)>$/.exec(flags) ?? [];
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    value: name === undefined ? undefined : { name, offer: argChoices ?? offerFor(name) },
    description,
  };
}

function operandOf(argument: Argument): Operand {
  const { required, variadic, description } = argument;
  const name = argument.name();
  return { name, offer: argument.argChoices ?? offerFor(name), required, variadic, description };
}

/** The name of a value says what it is. */
function offerFor(name: string): Offer {
  switch (name) {
    case 'jail':
    case 'transaction':
    case 'to':
    case 'file':
    case 'dir':
      return name;
    default:
      return 'nothing';
  }
}
