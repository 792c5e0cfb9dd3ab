import { type Described, FormatError, formatPackage } from './format.ts';

/** Reads an evaluation like `%a = 0 && %n ~ lib*` and tells whether a package fulfils it. */
export function condition(text: string): (described: Described) => boolean {
  const alternatives = text.split('||').map((part) => part.split('&&').map(comparison));
  return (described) => alternatives.some((all) => all.every((holds) => holds(described)));
}

function comparison(text: string): (described: Described) => boolean {
  const match = /^[\s(]*(%[#?]?\w{1,2})\s*(==|=|!=|<>|>=|<=|>|<|!~|~)\s*(.*?)[\s)]*$/.exec(text);
  if (match === null) throw new FormatError(`unexpected characters in evaluation: ${text}`);
  const [, key = '', operator = '', raw = ''] = match;
  const wanted = raw.replace(/^(["'])(.*)\1$/, '$2');
  return (described) => {
    const value = formatPackage(key, described)[0] ?? '';
    if (operator === '~' || operator === '!~') return globMatches(wanted, value) === (operator === '~');
    const order = /^-?\d+$/.test(wanted)
      ? Number(value) - Number(wanted)
      : value < wanted
        ? -1
        : value > wanted
          ? 1
          : 0;
    if (operator === '=' || operator === '==') return order === 0;
    if (operator === '!=' || operator === '<>') return order !== 0;
    if (operator === '>') return order > 0;
    if (operator === '<') return order < 0;
    return operator === '>=' ? order >= 0 : order <= 0;
  };
}

function globMatches(glob: string, value: string): boolean {
  const expression = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(value);
}
