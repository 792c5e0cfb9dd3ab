import { JtxError } from '../error.ts';
import { checkChanged } from '../pkg/check.ts';
import type { InstalledPackage } from '../pkg/database.ts';
import { runProbe, type Verification } from '../verify/probe.ts';
import { checkStatically } from '../verify/static/static-tier.ts';
import type { Work } from './package-work.ts';
import type { ChangeRequest } from './request.ts';
import { enter, requireGoing, type Session } from './session.ts';
import { withinJail } from './within-jail.ts';

/**
 * Looks at what the change left, cheapest tier first, and stops at the first that fails: the change set has
 * been judged already, then pkg's own check of what changed, then what its files say of themselves, then the probes
 * inside the jail. Throws `verification-failed`.
 */
export async function verify(
  session: Session,
  request: ChangeRequest,
  work: Work,
  before: readonly InstalledPackage[],
): Promise<Verification[]> {
  const { record, context } = session;
  const passed: Verification[] = [];
  const keep = (verification: Verification): void => {
    const subject = `${session.rehearsing ? 'rehearsal: ' : ''}${verification.subject}`;
    record.write((journal) => journal.recordVerification(record.id, { ...verification, subject }));
    passed.push(verification);
    if (!verification.passed) throw failed(verification);
  };
  enter(session, 'verify', 'verifying');
  if (work.changes.length > 0) {
    keep(await checkPackages(session, work));
    const checked = await checkFiles(session, work, before);
    if (checked) keep(checked);
  }
  if (request.probes.length > 0) await probe(session, request, keep);
  requireGoing(context);
  return passed;
}

async function checkPackages(session: Session, work: Work): Promise<Verification> {
  const present = work.changes.filter((change) => change.to !== null).map((change) => change.name);
  const gone = work.changes.filter((change) => change.to === null).map((change) => change.name);
  const findings = await checkChanged(
    session.record.run,
    session.settings,
    session.environment,
    present,
    gone,
  );
  const count = present.length + gone.length;
  return {
    tier: 'check',
    subject: `pkg check of ${count} changed package${count === 1 ? '' : 's'}`,
    expected: null,
    passed: findings.length === 0,
    output: findings.join('\n'),
  };
}

async function checkFiles(
  { context, settings }: Session,
  work: Work,
  before: readonly InstalledPackage[],
): Promise<Verification | undefined> {
  return checkStatically({
    root: settings.root,
    system: { machine: settings.abi.split(':').at(-1) ?? '', osversion: settings.osversion },
    names: work.changes.map(({ name }) => name),
    before,
    accepted: context.config.staticAccept,
  });
}

async function probe(
  session: Session,
  request: ChangeRequest,
  keep: (verification: Verification) => void,
): Promise<void> {
  const { context } = session;
  await withinJail(session, async (exec) => {
    for (const wanted of request.probes) {
      requireGoing(context);
      keep(await runProbe(exec, wanted, context.config.probeDeadline));
    }
  });
}

function failed(verification: Verification): JtxError {
  const said = verification.output.trim().split('\n')[0] ?? '';
  return new JtxError({
    code: 'verification-failed',
    outcome: 'rolled-back',
    message: `${verification.subject} failed${said === '' ? '' : `: ${said}`}`,
  });
}
