import type { Definition } from './definitions.ts';
import { branches, quoted, rowOf } from './table.ts';

/** What each verb takes, as the branches of bash's `case`. */
export function bashTable(program: Definition): string {
  return branches(program, branchOf)
    .map(([branch, verbs]) => `    ${verbs.map(quoted).join(' | ')})\n${branch}`)
    .join('\n');
}

function branchOf(definition: Definition): string {
  const { verbs, values, operands, more } = rowOf(definition);
  const options = definition.options.flatMap(({ flags }) => flags);
  return [
    `      verbs=${quoted(verbs.join(' '))}`,
    `      options=${quoted(options.join(' '))}`,
    `      values=${quoted(values.join(' '))}`,
    `      operands=(${operands.join(' ')}) more=${more}`,
    '      ;;',
  ].join('\n');
}
