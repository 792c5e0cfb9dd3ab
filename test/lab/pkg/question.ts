import type { Session } from './session.ts';

/** Asks; without a terminal, as always here, the answer is No. */
export function ask(session: Session, question: string): boolean {
  session.reporter.say(`\n${question} [y/N]: `);
  return false;
}
