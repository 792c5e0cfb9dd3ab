import { JtxError, refused } from '../error.ts';
import type { Finished } from '../host/run.ts';
import { hasCatalogue, isForAnother, listStrangersArguments, renewArguments } from '../pkg/catalogue.ts';
import { compare, findComplaints, judge, type PackageChange, reinstalled } from '../pkg/change-set.ts';
import { downloadEnvironment, pkgCommand } from '../pkg/command.ts';
import { type InstalledPackage, readPackages, schemaVersion } from '../pkg/database.ts';
import { EventReader, RunObserver } from '../pkg/events.ts';
import { explain, wayOut } from '../pkg/explain.ts';
import { type PackageMessage, parseMessages } from '../pkg/messages.ts';
import { isEmpty, type Plan, parsePlan } from '../pkg/plan.ts';
import { judgePlan } from '../pkg/policy.ts';
import { applyArguments, fetchArguments, planArguments, planStatuses } from '../pkg/verbs.ts';
import { requireSameSchema } from './database-migration.ts';
import type { ChangeRequest, PackageVerb } from './request.ts';
import { enter, requireGoing, type Session } from './session.ts';

/** What a change did, before anything else has looked at it. */
export interface Work {
  /** There was nothing to do. */
  unchanged: boolean;
  plan: Plan | undefined;
  changes: PackageChange[];
  /** Another build of the version that was there: its files are new, and no list of packages shows it. */
  reinstalled: PackageChange[];
  /** What packages tell the person who installs them. */
  messages: PackageMessage[];
}

/** Fetches, plans, judges, applies and compares: the steps in which pkg does the work. */
export async function workOnPackages(
  session: Session,
  request: ChangeRequest,
  verb: PackageVerb,
  before: readonly InstalledPackage[],
  on: { fetched: boolean; planOnly: boolean; planned: (plan: Plan) => void; onApply: () => void },
): Promise<Work> {
  const { record, subject } = session;
  const asked = [...request.words];
  const schema = schemaVersion(subject.jail.root);
  await fetch(session, verb, asked, before, on.fetched);
  enter(session, 'plan', 'planning');
  const planned = await runPkg(session, planArguments(verb, asked));
  understood(planned.finished, planStatuses(verb));
  const plan = parsePlan(planned.finished.stdout);
  record.write((journal) => journal.recordPlan(record.id, plan.text));
  on.planned(plan);
  const objection = judgePlan({ plan, verb, asked, allowRemovals: request.allowRemovals, installed: before });
  if (objection) throw refused(objection.code, objection.message, objection.hint);
  if (!request.migrateDatabase) requireSameSchema(subject.jail, schema);
  if (isEmpty(plan) || on.planOnly)
    return { unchanged: isEmpty(plan), plan, changes: [], reinstalled: [], messages: [] };
  enter(session, 'apply', 'applying');
  on.onApply();
  const { finished, observer } = await runPkg(session, applyArguments(verb, asked));
  enter(session, 'compare', 'comparing');
  const after = await readPackages(session.settings.root);
  const changes = compare(before, after);
  if (!session.rehearsing) record.write((journal) => journal.recordChanges(record.id, changes));
  const findings = judge({ plan, changes, verb, asked, after, observer });
  const complaints = findComplaints(finished.stderr).filter(
    (line) => !findings.some((said) => said.includes(line)),
  );
  requireClean([...statusFindings(finished), ...findings, ...complaints], session);
  return {
    unchanged: false,
    plan,
    changes,
    reinstalled: reinstalled(before, after),
    messages: parseMessages(finished.stdout),
  };
}

/** Fetches what is asked for, where there is something to fetch; `fetched` says that it is there already. */
async function fetch(
  session: Session,
  verb: PackageVerb,
  asked: readonly string[],
  installed: readonly InstalledPackage[],
  fetched: boolean,
): Promise<void> {
  if (!fetchArguments(verb, asked)) return;
  enter(session, 'fetch', 'fetching');
  const downloading = await downloadEnvironment(session.context.environment);
  const fresh = fetched || (await renewCatalogue(session, downloading));
  const fetching = fetchArguments(verb, asked, fresh);
  if (fetching) understood((await runPkg(session, fetching, downloading)).finished, [0]);
  if (!fetched && installed.some(({ name }) => name === 'pkg')) await fetchNewerPkg(session, downloading);
}

/**
 * Of a newer pkg, which pkg puts in before anything else, neither a fetch nor a plan knows (docs/pkg-facts.md, 3). Where a
 * proxy wants a password, it cannot be downloaded later. What keeps it from being fetched here, `apply` tells.
 */
async function fetchNewerPkg(session: Session, downloading: Record<string, string>): Promise<void> {
  const { environment } = session;
  const withheld = Object.entries(downloading).some(([name, value]) => environment[name] !== value);
  const fetching = fetchArguments('upgrade', ['pkg'], true);
  if (withheld && fetching) await runPkg(session, fetching, downloading);
}

/** Makes the catalogue anew where it was made for another ABI: pkg would go on with the old one without a word. */
async function renewCatalogue(session: Session, downloading: Record<string, string>): Promise<boolean> {
  const { root, abi } = session.settings;
  if (!hasCatalogue(root)) return false;
  const listed = await runPkg(session, listStrangersArguments(abi));
  if (!isForAnother(listed.finished.stdout, abi)) return false;
  session.context.progress.step('fetching', `a catalogue for ${abi}`);
  understood((await runPkg(session, renewArguments, downloading)).finished, [0]);
  return true;
}

/** Runs pkg in the jail's root, listening to its events all the time: a reader that stalls would stall it. */
async function runPkg(
  session: Session,
  verb: readonly string[],
  environment: Record<string, string> = session.environment,
): Promise<{ finished: Finished; observer: RunObserver }> {
  const { context, record } = session;
  const reader = new EventReader();
  const observer = new RunObserver(context.progress);
  let heard: (() => void) | undefined;
  session.onEvents((text) => {
    heard?.();
    for (const event of reader.push(text)) observer.observe(event);
  });
  const finished = await record.run(pkgCommand(session.settings, verb), {
    changes: true,
    lasting: true,
    environment,
    silence: context.config.pkgSilence,
    abort: context.interrupt,
    alive: (listen) => {
      heard = listen;
    },
  });
  await session.drained();
  session.onEvents(undefined);
  for (const event of reader.end()) observer.observe(event);
  requireGoing(context);
  return { finished, observer };
}

/** Throws what pkg's failure means, in jtx's words. */
function understood(finished: Finished, statuses: readonly number[]): void {
  if (!finished.hung && statuses.includes(finished.status)) return;
  const { code, message, hint } = explain(finished);
  throw refused(code, message, hint);
}

function statusFindings(finished: Finished): string[] {
  if (finished.hung) return ['pkg was silent for too long and was ended'];
  if (finished.status === 0) return [];
  // What it printed otherwise is what it was about to do.
  const [said] = finished.stderr.split('\n').filter((line) => line.trim() !== '');
  return [`pkg ended with status ${finished.status}${said === undefined ? '' : `: ${said}`}`];
}

function requireClean(findings: readonly string[], session: Session): void {
  const { record } = session;
  const distinct = [...new Set(findings)];
  record.write((journal) =>
    journal.recordVerification(record.id, {
      tier: 'changes',
      subject: `${session.rehearsing ? 'rehearsal: ' : ''}the change set against the plan`,
      expected: null,
      passed: distinct.length === 0,
      output: distinct.join('\n'),
    }),
  );
  if (distinct.length === 0) return;
  const hint = wayOut(distinct);
  throw new JtxError({
    code: 'change-failed',
    outcome: 'rolled-back',
    message: distinct.join('; '),
    ...(hint === undefined ? {} : { hint }),
  });
}
