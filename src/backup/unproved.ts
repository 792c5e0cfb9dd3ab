import { JtxError } from '../error.ts';

/** The failure of a proof: why what was restored cannot be taken for what was backed up. */
export function unproved(message: string): JtxError {
  return new JtxError({ code: 'backup-unproved', outcome: 'refused', message });
}

/** Nothing is known to be wrong, and nothing is proved: what was restored cannot be compared with what it was made from. */
export function incomparable(message: string, hint?: string, cause?: unknown): JtxError {
  return new JtxError({
    code: 'backup-incomparable',
    outcome: 'refused',
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}

const findings: readonly string[] = ['backup-unproved', 'backup-broken', 'package-database-unreadable'];

/** Whether a drill failed for what was found out about the backup: all else keeps it from being looked at. Pure. */
export function isFinding({ code }: JtxError): boolean {
  return findings.includes(code);
}
