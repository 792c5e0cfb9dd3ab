import { type Command, type Run, succeeded } from '../host/run.ts';
import { datasetName } from './names.ts';

/** What `zfs allow` grants on one dataset itself: the arguments that grant it again. */
export type Grant = readonly string[];

const headings: Readonly<Record<string, readonly string[]>> = {
  'Permission sets:': ['-s'],
  'Create time permissions:': ['-c'],
  'Local permissions:': ['-l'],
  'Descendent permissions:': ['-d'],
  'Local+Descendent permissions:': [],
};

/**
 * Reads `zfs allow DATASET`. It prints the grants of the datasets above too, each under a line with its name;
 * only the dataset's own are given.
 */
export function parseGrants(text: string, dataset: string): Grant[] {
  const grants: Grant[] = [];
  let own = false;
  let scope: readonly string[] | undefined;
  for (const line of text.split('\n')) {
    // It is padded with dashes to a width that a long name, as a tree set aside has, leaves none of.
    const title = /^---- Permissions on (.+?) -*$/.exec(line);
    if (title) own = title[1] === dataset;
    else if (!line.startsWith('\t')) scope = headings[line.trim()];
    else if (own && scope) grants.push([...scope, ...who(line.trim(), scope)]);
  }
  return grants;
}

/** `user nobody mount,snapshot`, `group daemon destroy`, `everyone clone`, `@set create`, or only `mount`. */
function who(line: string, scope: readonly string[]): string[] {
  const words = line.split(/\s+/);
  const permissions = words.at(-1) ?? '';
  const subject = words.slice(0, -1).join(' ');
  if (scope[0] === '-c') return [permissions];
  if (scope[0] === '-s') return [subject, permissions];
  if (subject === 'everyone') return ['-e', permissions];
  const name = subject.replace(/^(user|group) /, '');
  return [subject.startsWith('group ') ? '-g' : '-u', name, permissions];
}

/** What is granted on a dataset itself. An old zfs(8) has no such thing: then nothing is. */
export async function listGrants(run: Run, dataset: string): Promise<Grant[]> {
  const shown = await run(['zfs', 'allow', datasetName(dataset)]);
  return shown.status === 0 ? parseGrants(shown.stdout, dataset) : [];
}

/** Grants on another dataset what was granted on one. Throws `command-failed`. */
export async function grant(run: Run, dataset: string, grants: readonly Grant[]): Promise<void> {
  for (const words of grants) {
    const command: Command = ['zfs', 'allow', ...words, datasetName(dataset)];
    succeeded(await run(command, { changes: true }));
  }
}
