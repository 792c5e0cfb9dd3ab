import { absoluteTime } from '../report/time.ts';
import type { Attempt } from './attempt.ts';
import type { Ending } from './ending.ts';
import type { Work } from './package-work.ts';
import { removeScratch, scratchPath } from './scratch.ts';
import { requireGoing, type Session } from './session.ts';
import { settle } from './settle.ts';
import { watchTrial } from './watch-trial.ts';

/** Cleans up and makes the transaction true: one durable write in the journal. Throws `interrupted` before it. */
export async function commit(
  attempt: Attempt,
  session: Session,
  work: Work,
  confirmWithin: number | undefined,
): Promise<Ending> {
  const { context, record, subject, snapshot } = attempt;
  record.write((journal) => journal.enter(record.id, 'clean'));
  context.progress.step('committing');
  await session.close();
  tidy(attempt);
  requireGoing(context);
  const trial = confirmWithin === undefined ? undefined : Date.now() + confirmWithin;
  if (trial !== undefined) record.write((journal) => journal.onTrial(record.id, trial));
  // The one moment at which the transaction becomes true. Before it recovery reverts, after it recovery keeps.
  record.write((journal) =>
    journal.end(record.id, 'committed', { code: null, message: null, hint: null }, Date.now()),
  );
  record.forgive();
  if (trial !== undefined) watchTrial(record.id);
  const warnings = await settle(record, context.config, {
    jail: subject.jail,
    dataset: subject.dataset,
    snapshot,
    mounted: attempt.mounted,
    keep: 'committed',
    aside: null,
    restart: attempt.restart,
    spent: null,
    cloneLeft: attempt.cloneLeft,
  });
  return {
    id: record.id,
    jail: subject.jail.name,
    verb: attempt.verb,
    state: 'committed',
    code: null,
    message: null,
    hint: warnings.length > 0 ? 'jtx recover' : null,
    signal: null,
    plan: attempt.plan?.text ?? null,
    changes: work.changes,
    verifications: attempt.verifications,
    messages: work.messages,
    snapshot: `${subject.dataset}@${snapshot}`,
    aside: null,
    notes: [...attempt.notes, ...(trial === undefined ? [] : [trialNote(subject.jail.name, trial)])],
    leftOut: attempt.leftOut,
    warnings,
  };
}

function trialNote(jail: string, until: number): string {
  return `On trial until ${absoluteTime(until)}: jtx confirm ${jail} keeps it, else it is rolled back.`;
}

/** Takes away what jtx itself has put into the root; what it has mounted there goes once the outcome is durable. */
export function tidy({ record, subject, notes }: Attempt): void {
  notes.push(...removeScratch(subject.jail.root, scratchPath(record.id)));
}
