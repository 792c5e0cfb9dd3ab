/** A part of a transaction that does not take place in it, and why. */
export interface LeftOut {
  part: 'scripts' | 'check' | 'probes';
  why: string;
}

/** As a person is told of it, and the journal. */
export function leftOutInWords({ part, why }: LeftOut): string {
  return `${part}: ${part === 'scripts' ? 'skipped' : 'not possible'}, ${why}`;
}
