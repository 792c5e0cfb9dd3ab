import type { Attempt } from './attempt.ts';
import { workByCommand } from './command-work.ts';
import { workByFile } from './file-work.ts';
import { type Work, workOnPackages } from './package-work.ts';
import type { ChangeRequest } from './request.ts';
import type { Session } from './session.ts';
import { workToVerify } from './verify-work.ts';

/** How far a change goes, and from where. */
export interface Extent {
  /** The packages and the catalogue are there already. */
  fetched: boolean;
  planOnly: boolean;
}

/** Makes the change that was asked for, in the jail or in a clone of it, and tells the attempt how far it is. */
export async function workOn(
  session: Session,
  attempt: Attempt,
  request: ChangeRequest,
  extent: Extent,
): Promise<Work> {
  const onApply = (): void => {
    attempt.applying = true;
  };
  if (request.verb === 'run') {
    return workByCommand(session, request, attempt.before, onApply);
  }
  if (request.verb === 'restore') {
    if (!request.file) throw new TypeError('there is no file to restore');
    return workByFile(session, request.file, attempt.before, onApply);
  }
  if (request.verb === 'verify') return workToVerify(request.words, attempt.before);
  return workOnPackages(session, request, request.verb, attempt.before, {
    ...extent,
    onApply,
    planned: (plan) => {
      attempt.plan = plan;
    },
  });
}
