import { hostname } from 'node:os';
import { JtxError, refused } from '../error.ts';
import { runCommand } from '../host/run.ts';
import type { BackupCheck } from '../journal/backups.ts';
import { type Context, signalOf } from '../transaction/context.ts';
import { type Abilities, askAbilities } from '../zfs/send.ts';
import { completeBackups, membersAt } from './copy.ts';
import { type Drill, proveBackup } from './drill.ts';
import { inTurn } from './in-turn.ts';
import { lockDrill, whileReading } from './lock-backups.ts';
import { takeAway } from './mounted-tree.ts';
import { choosePlaces, openTarget } from './open-target.ts';
import { sourceDataset, withoutSource } from './source-dataset.ts';
import type { Place } from './target.ts';
import { incomparable, isFinding } from './unproved.ts';

/** What a person asks to be proved. */
export interface CheckRequest {
  /** Empty: every jail that a target has, but those that are no more. */
  jails: readonly string[];
  targets: readonly string[];
  /** At most so many, those first whose turn was longest ago, or that had none yet. */
  sample: number | undefined;
}

/** Of a target, or of one jail's backup there. */
export interface CheckFailure {
  /** null: all of them. */
  jail: string | null;
  target: string;
  error: JtxError;
}

/** How a check ended. */
export interface CheckEnding {
  checks: BackupCheck[];
  /** What could not be looked at, or has nothing any more to be compared with: it is neither proved nor broken. */
  failures: CheckFailure[];
  /** The jails of this host that are no more, and so cannot be compared with what they were. */
  leftOut: string[];
  /** The number of the signal that ended it. */
  signal: number | null;
}

/** A backup of which it is not yet known from which dataset here it was made. */
type Candidate = Omit<Drill, 'dataset'>;

/**
 * Restores the newest backup of jails from targets, to see that they can be, and records what was found out. What cannot
 * be looked at is told, and does not stop the others. Throws {@link JtxError} for what is refused before anything
 * is done, also where no target can be looked at; `prune-running`, `restore-running`.
 */
export function checkBackups(context: Context, request: CheckRequest): Promise<CheckEnding> {
  return whileReading(context, () => checkAll(context, request));
}

async function checkAll(context: Context, request: CheckRequest): Promise<CheckEnding> {
  const places = choosePlaces(context.config.backup.places, request.targets);
  const lock = lockDrill(context);
  try {
    await takeAway(context);
    const { candidates, failures } = await gather(places, request.jails);
    const gone = request.jails.length > 0 ? new Set<string>() : await goneOf(context, candidates);
    const left = candidates.filter((one) => !(isOfThisHost(one) && gone.has(one.jail)));
    const due = inTurn(left, context.journal.backups.turns(), Date.now()).slice(0, request.sample);
    const proofs = await proveEach(context, due);
    return {
      checks: proofs.checks,
      failures: [...failures, ...proofs.failures],
      leftOut: [...gone].sort(),
      signal: signalOf(context),
    };
  } finally {
    lock.release();
  }
}

/** What there is to prove, and which targets could not be asked. Throws what the first said where none could. */
async function gather(
  places: readonly Place[],
  jails: readonly string[],
): Promise<{ candidates: Candidate[]; failures: CheckFailure[] }> {
  const abilities = await askAbilities(runCommand);
  const candidates: Candidate[] = [];
  const failures: CheckFailure[] = [];
  for (const place of places) {
    try {
      candidates.push(...(await newestOf(place, jails, abilities)));
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      failures.push({ jail: null, target: place.name, error });
    }
  }
  const [first] = failures;
  if (first && failures.length === places.length) throw first.error;
  return { candidates, failures };
}

/** The newest backup of each of these jails that a target has, or of every jail. Throws `backup-unknown`. */
async function newestOf(place: Place, wanted: readonly string[], abilities: Abilities): Promise<Candidate[]> {
  const target = await openTarget(place, abilities);
  const copies = await target.list();
  const jails = wanted.length > 0 ? wanted : [...new Set(copies.map(({ jail }) => jail))].sort();
  return jails.flatMap((jail) => {
    const backup = completeBackups(copies, jail).at(-1);
    if (backup !== undefined)
      return [{ target, jail, backup, members: membersAt(copies, jail, backup), abilities }];
    if (wanted.length === 0) return [];
    throw refused('backup-unknown', `${place.name} has no complete backup of ${jail}`);
  });
}

/** The jails of this host that are no more: in their turn they would fail for ever. */
function goneOf(context: Context, candidates: readonly Candidate[]): Promise<Set<string>> {
  return withoutSource(
    context,
    candidates.filter(isOfThisHost).map(({ jail }) => jail),
  );
}

function isOfThisHost({ members }: Candidate): boolean {
  return members.some(({ copy }) => copy.path === '' && copy.host === hostname());
}

/** Proves one after the other until it is interrupted, each in the journal as soon as it is known. */
async function proveEach(
  context: Context,
  drills: readonly Candidate[],
): Promise<Pick<CheckEnding, 'checks' | 'failures'>> {
  const checks: BackupCheck[] = [];
  const failures: CheckFailure[] = [];
  for (const drill of drills) {
    if (context.interrupt.aborted) break;
    const { jail, target } = drill;
    context.journal.backups.recordTurn({ jail, target: target.name, at: Date.now() });
    const check = await attempt(context, drill);
    if (check === undefined) break;
    if (check instanceof JtxError) {
      failures.push({ jail, target: target.name, error: check });
      continue;
    }
    context.journal.backups.recordCheck(check);
    checks.push(check);
  }
  return { checks, failures };
}

/** Undefined where it was interrupted: that says nothing of the backup. An error where nothing else does. */
async function attempt(context: Context, drill: Candidate): Promise<BackupCheck | JtxError | undefined> {
  const known = { jail: drill.jail, target: drill.target.name, point: drill.backup };
  try {
    const dataset = await sourceDataset(context, drill.jail);
    if (dataset === undefined)
      throw incomparable(
        `there is no dataset of ${drill.jail} here any more with which it could be compared`,
      );
    const message = await proveBackup(context, { ...drill, dataset });
    return { ...known, state: 'proved', message, at: Date.now() };
  } catch (error) {
    if (context.interrupt.aborted) return undefined;
    if (!(error instanceof JtxError)) throw error;
    if (!isFinding(error)) return error;
    return { ...known, state: 'failed', message: error.message, at: Date.now() };
  }
}
