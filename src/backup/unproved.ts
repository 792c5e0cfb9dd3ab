import { JtxError } from '../error.ts';

/** The failure of a proof: why what was restored cannot be taken for what was backed up. */
export function unproved(message: string): JtxError {
  return new JtxError({ code: 'backup-unproved', outcome: 'refused', message });
}
