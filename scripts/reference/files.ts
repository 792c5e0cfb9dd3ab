import { readFileSync } from 'node:fs';
import { programFor } from '../../src/cli/program.ts';
import { bashTable } from './bash.ts';
import { definitionOf } from './definitions.ts';
import { fill } from './fill.ts';
import { fishTable } from './fish.ts';
import { manSynopsis, manVerbs } from './man.ts';
import { zshFunctions } from './zsh.ts';

/** Every file that is made from the definitions of the commands: its path, and what is to stand in it. */
export async function generatedFiles(): Promise<[path: string, text: string][]> {
  const program = definitionOf(await programFor());
  return [
    completions('jtx.bash', { table: bashTable(program) }),
    completions('_jtx', { functions: zshFunctions(program) }),
    completions('jtx.fish', { table: fishTable(program) }),
    made('docs/jtx.8', 'docs/jtx.8.in', { synopsis: manSynopsis(program), verbs: manVerbs(program) }),
  ];
}

function completions(name: string, parts: Record<string, string>): [string, string] {
  return made(`scripts/completions/${name}`, `scripts/reference/${name}`, parts);
}

function made(path: string, template: string, parts: Record<string, string>): [string, string] {
  return [path, fill(readFileSync(template, 'utf8'), parts)];
}
