import { type Exec, throwAwayName, withThrowAwayJail } from '../jail/throw-away.ts';
import type { Session } from './session.ts';

/**
 * Lends a way to run commands inside the jail: the jail itself where it runs, else a throw-away jail on its root
 * in a network of its own.
 */
export function withinJail<T>({ record, subject }: Session, use: (exec: Exec) => Promise<T>): Promise<T> {
  const { name, root, running } = subject.jail;
  if (running) return use((words, options) => record.run(['jexec', '-l', running.name, ...words], options));
  return withThrowAwayJail(record.run, { name: throwAwayName(record.id), root, hostname: name }, use);
}
