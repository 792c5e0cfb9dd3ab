import type { Context } from '../transaction/context.ts';
import type { Copy } from './copy.ts';
import { jailsOf } from './prune-reach.ts';

/** The jails that were backed up from this host, by the journal, and by what targets have: the journal can be lost. */
export function earlierJails(
  { journal }: Pick<Context, 'journal'>,
  reached: readonly { copies: readonly Copy[] }[],
): string[] {
  return [...new Set([...journal.backups.jails(), ...reached.flatMap(({ copies }) => jailsOf(copies, []))])];
}
