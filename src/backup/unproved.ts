import { JtxError } from '../error.ts';

/** The failure of a proof: why what was restored cannot be taken for what was backed up. */
export function unproved(message: string): JtxError {
  return new JtxError({ code: 'backup-unproved', outcome: 'refused', message });
}

/** Nothing is known to be wrong, and nothing is proved: what a backup was made from is gone, as it may be. */
export function incomparable(backup: string, snapshot: string): JtxError {
  return new JtxError({
    code: 'backup-incomparable',
    outcome: 'refused',
    message: `backup ${backup} is not compared: it was made from ${snapshot}, the snapshot from before a change, which is gone`,
    hint: 'The next backup can be: jtx backup.',
  });
}
