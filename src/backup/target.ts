import { isAbsolute } from 'node:path';
import { refused } from '../error.ts';
import type { Retention } from './retention-grammar.ts';

/** A place for backups, as it is configured. */
export interface Place {
  /** A word of its own: it is part of the names of bookmarks and holds. */
  name: string;
  to: Address;
  /** Which of its backups are kept; undefined keeps all. */
  keep: Retention | undefined;
}

/** Where a place lies. */
export type Address =
  | { kind: 'dataset'; dataset: string }
  | { kind: 'ssh'; host: string; port: string | undefined; dataset: string }
  | { kind: 'directory'; directory: string };

const dataset = /^[A-Za-z][A-Za-z0-9_.:-]*(\/[A-Za-z0-9_.:-]+)*$/;

/** Reads `pool/dataset`, `ssh://[user@]host[:port]/pool/dataset` or an absolute directory. Throws `target-invalid`. */
export function parseAddress(text: string): Address {
  if (isAbsolute(text)) return { kind: 'directory', directory: text };
  if (dataset.test(text)) return { kind: 'dataset', dataset: text };
  const match = /^ssh:\/\/((?:[\w.-]+@)?[A-Za-z0-9][\w.-]*)(?::(\d+))?\/(.+)$/.exec(text);
  const [, host, port, remote] = match ?? [];
  if (host !== undefined && !host.startsWith('-') && remote !== undefined && dataset.test(remote))
    return { kind: 'ssh', host, port, dataset: remote };
  throw refused(
    'target-invalid',
    `${JSON.stringify(text)} is no place for backups`,
    'Known: pool/dataset, ssh://[user@]host[:port]/pool/dataset, /directory.',
  );
}

/** Passes on a word that can name a target. Throws `target-invalid`. */
export function targetName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name)) return name;
  throw refused(
    'target-invalid',
    `${JSON.stringify(name)} cannot name a target`,
    'Letters, digits, -, _ and . only.',
  );
}
