import { basename } from 'node:path';
import { JtxError } from '../error.ts';
import { machineOf } from '../jail/abi.ts';
import type { PackageChange } from '../pkg/change-set.ts';
import { checkChanged } from '../pkg/check.ts';
import { type InstalledPackage, readOwners, readPackages } from '../pkg/database.ts';
import { knownProbes } from '../verify/known-probes.ts';
import { type Probe, runProbe } from '../verify/probe.ts';
import type { JailSystem } from '../verify/static/linkers.ts';
import { checkStatically, type StaticCheck } from '../verify/static/static-tier.ts';
import type { Verification } from '../verify/verification.ts';
import { ownAbi } from './approach.ts';
import { pendingMigration } from './database-migration.ts';
import type { Work } from './package-work.ts';
import { type ChangeRequest, isPackageVerb } from './request.ts';
import { enter, requireGoing, type Session } from './session.ts';
import { withinJail } from './within-jail.ts';

/**
 * Looks at what the change left, cheapest tier first, and stops at the first that fails: the change set has been judged
 * already, then pkg's own check of what changed, then what its files say of themselves (read while pkg checks, and
 * counted after it), then the probes inside the jail. Throws `verification-failed`, `jail-newer-than-kernel`,
 * `abi-unreadable`.
 */
export async function verify(
  session: Session,
  request: ChangeRequest,
  work: Work,
  before: readonly InstalledPackage[],
): Promise<Verification[]> {
  const { record, context } = session;
  const done: Verification[] = [];
  const asItIs = request.verb === 'verify';
  const keep = (verification: Verification): void => {
    const subject = `${session.rehearsing && !asItIs ? 'rehearsal: ' : ''}${verification.subject}`;
    record.write((journal) => journal.recordVerification(record.id, { ...verification, subject }));
    done.push(verification);
    // Nothing depends on how a jail that is left as it is fares: all of it is told.
    if (!verification.passed && !asItIs) throw failed(verification);
  };
  enter(session, 'verify', 'verifying');
  const system = systemAfter(session, request);
  const probes = [...request.probes];
  const changes = [...work.changes, ...work.reinstalled];
  if (changes.length > 0) {
    const after = await readPackages(session.settings.root);
    const owners = await readOwners(session.settings.root);
    // pkg sums every file in a process of its own, which is waited for whatever is found here.
    const checking = checkPackages(session, request, changes);
    const examining = Promise.resolve().then(() =>
      checkFiles(session, changes, { system, before, after, owners }),
    );
    await Promise.allSettled([checking, examining]);
    for (const verified of [await checking, await examining]) if (verified) keep(verified);
    const changed = after.filter(({ name }) => changes.some((change) => change.name === name));
    const possible = !session.leftOut.some(({ part }) => part === 'probes');
    const known = possible ? knownProbes(changed, owners, context.config.probes) : [];
    probes.push(...known.filter((one) => !asked(one, probes)));
  }
  if (probes.length > 0) await probe(session, probes, keep);
  requireGoing(context);
  return done;
}

/** What files have to fit now: a change can bring the jail another base. */
function systemAfter({ settings, kernel }: Session, request: ChangeRequest): JailSystem {
  const { abi, osversion } = request.abi ? settings : ownAbi(settings.root, kernel).abi;
  return { machine: machineOf(abi), osversion };
}

/** Whether a person asks for the same, with what they expect of it: `postgres --version` in any directory. */
function asked({ command: [program = '', ...words] }: Probe, probes: readonly Probe[]): boolean {
  return probes.some(
    ({ command: [other = '', ...others] }) =>
      basename(other) === basename(program) && others.join('\0') === words.join('\0'),
  );
}

/** Lets the host's pkg check what changed; where it would migrate a package database for that, it does not. */
async function checkPackages(
  session: Session,
  { verb }: ChangeRequest,
  changes: readonly PackageChange[],
): Promise<Verification | undefined> {
  const { context, record, settings } = session;
  const ownsDatabase = isPackageVerb(verb) || session.rehearsing;
  const migration = ownsDatabase ? undefined : await pendingMigration(context, record.run, settings.root);
  if (migration) {
    const why = `as the host's pkg ${migration.pkg} would migrate the package database to schema ${migration.to}`;
    session.leaveOut({ part: 'check', why });
    return undefined;
  }
  const present = changes.filter((change) => change.to !== null).map((change) => change.name);
  const gone = changes.filter((change) => change.to === null).map((change) => change.name);
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
    subject: `pkg check of ${count} package${count === 1 ? '' : 's'}`,
    expected: null,
    passed: findings.length === 0,
    output: findings.join('\n'),
  };
}

function checkFiles(
  { context, settings, ownersBefore }: Session,
  changes: readonly PackageChange[],
  found: Pick<StaticCheck, 'system' | 'before' | 'after' | 'owners'>,
): Verification | undefined {
  return checkStatically({
    ...found,
    ownersBefore,
    root: settings.root,
    names: changes.map(({ name }) => name),
    accepted: context.config.staticAccept,
  });
}

async function probe(
  session: Session,
  probes: readonly Probe[],
  keep: (verification: Verification) => void,
): Promise<void> {
  const { context } = session;
  await withinJail(session, async (exec) => {
    for (const wanted of probes) {
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
