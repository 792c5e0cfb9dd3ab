import { messageOf } from '../error.ts';
import { asideName } from '../zfs/names.ts';
import { type Ending, plainEnding } from './ending.ts';
import { stuckReason } from './reason.ts';
import type { TransactionRecord } from './record.ts';
import type { RollbackPlan } from './rollback-plan.ts';
import type { Target } from './rollback-target.ts';
import type { Subject } from './subject.ts';

/** A rollback that could not be finished. */
export function stuck(
  record: TransactionRecord,
  subject: Subject,
  target: Target,
  plan: RollbackPlan,
  failure: unknown,
): Ending {
  const none = { state: 'stuck', code: null, message: null, hint: null, signal: null } as const;
  const reason = stuckReason(none, failure);
  record.write((journal) => journal.end(record.id, 'stuck', reason, Date.now()));
  return { ...ending(subject, target, plan, { id: record.id, state: 'stuck' }), ...reason };
}

/** An outcome that the journal does not hold is not claimed. */
export function unrecorded(done: Ending, lost: unknown): Ending {
  const why = messageOf(lost);
  return {
    ...done,
    code: 'journal-unwritable',
    message: `the jail went back, but the journal could not record it: ${why}`,
    hint: 'Make the journal writable, then run: jtx recover',
  };
}

/** What a person is told who only wants to know. */
export function planned(would: Ending, { exchange }: RollbackPlan): Ending {
  if (!exchange) return would;
  const { dataset } = exchange;
  const aside = `What is there now would be set aside, as ${asideName(dataset, 'TRANSACTION')}: nothing is destroyed.`;
  return { ...would, notes: [aside, ...would.notes] };
}

/** How a rollback ended, or would end. */
export function ending(
  subject: Subject,
  target: Target,
  { exchange, notes }: RollbackPlan,
  what: Pick<Ending, 'id' | 'state'>,
): Ending {
  return plainEnding({
    ...what,
    jail: subject.jail.name,
    verb: 'rollback',
    plan: `${subject.jail.name} goes back ${target.words}.`,
    notes,
    aside: what.state === 'unchanged' ? null : (exchange?.aside ?? null),
  });
}
