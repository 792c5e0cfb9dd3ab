import { JtxError } from '../error.ts';
import { complaint } from '../host/run.ts';
import { compare, reinstalled } from '../pkg/change-set.ts';
import { type InstalledPackage, readPackages } from '../pkg/database.ts';
import type { Work } from './package-work.ts';
import type { ChangeRequest } from './request.ts';
import { enter, requireGoing, type Session } from './session.ts';
import { withinJail } from './within-jail.ts';

/** Runs any command inside the jail: `jtx run`. */
export async function workByCommand(
  session: Session,
  request: ChangeRequest,
  before: readonly InstalledPackage[],
  onApply: () => void,
): Promise<Work> {
  const { context, record, subject } = session;
  enter(session, 'apply', 'running', request.words.join(' '));
  onApply();
  const finished = await withinJail(session, (exec) =>
    exec(request.words, {
      changes: true,
      lasting: true,
      silence: context.config.pkgSilence,
      abort: context.interrupt,
      onOutput: (chunk) => context.progress.note(chunk),
    }),
  );
  requireGoing(context);
  const after = await readPackages(subject.jail.root);
  const changes = compare(before, after);
  if (!session.rehearsing) record.write((journal) => journal.recordChanges(record.id, changes));
  if (finished.status === 0 && !finished.hung)
    return {
      unchanged: false,
      plan: undefined,
      changes,
      reinstalled: reinstalled(before, after),
      messages: [],
    };
  // Where it said nothing, its status is all that there is to tell.
  const silent = !finished.hung && `${finished.stderr}${finished.stdout}`.trim() === '';
  const said = silent ? [] : [complaint(finished)];
  throw new JtxError({
    code: 'command-failed',
    outcome: 'rolled-back',
    message: [`${request.words.join(' ')} ended with status ${finished.status}`, ...said].join(': '),
  });
}
