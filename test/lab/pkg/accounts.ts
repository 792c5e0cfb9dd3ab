import { readFileSync } from 'node:fs';
import type { Root } from './root.ts';

/** The numbers of a root's users and groups. */
export class Accounts {
  readonly #users: Map<string, number>;
  readonly #groups: Map<string, number>;

  constructor(root: Root) {
    this.#users = numbers(root, '/etc/passwd');
    this.#groups = numbers(root, '/etc/group');
  }

  user(name: string): number {
    return this.#users.get(name) ?? 0;
  }

  group(name: string): number {
    return this.#groups.get(name) ?? 0;
  }
}

function numbers(root: Root, path: string): Map<string, number> {
  try {
    const lines = readFileSync(root.followed(path), 'utf8').split('\n');
    return new Map(
      lines
        .map((line) => line.split(':'))
        .filter((fields) => fields.length >= 3 && /^\d+$/.test(fields[2] ?? ''))
        .map((fields): [string, number] => [fields[0] ?? '', Number(fields[2])]),
    );
  } catch {
    return new Map();
  }
}
