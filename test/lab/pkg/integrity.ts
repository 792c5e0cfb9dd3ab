import { archiveManifest } from './archive.ts';
import { archiveOf } from './cache.ts';
import type { Candidate, Conflict, Job } from './jobs.ts';
import type { LocalDatabase } from './local-database.ts';
import { nameVersion } from './manifest.ts';
import type { Session } from './session.ts';

/** Looks for files that two packages want; known only for packages whose archive is there. */
export function checkIntegrity(
  session: Session,
  database: LocalDatabase,
  jobs: readonly Job[],
  lists: FileLists,
): Conflict[] {
  const { reporter } = session;
  reporter.event('{ "type": "INFO_INTEGRITYCHECK_BEGIN", "data": {}}');
  reporter.say('Checking integrity...');
  const conflicts = findConflicts(database, jobs, lists);
  let text = '';
  const pairs = new Map<string, Conflict>();
  for (const conflict of conflicts) {
    const pair = `${conflict.first.name} ${conflict.second.name}`;
    if (!pairs.has(pair)) pairs.set(pair, conflict);
  }
  for (const { first, second, path } of pairs.values()) {
    reporter.event();
    text += `  - ${nameVersion(first)} conflicts with ${nameVersion(second)} on ${path}\n`;
  }
  reporter.event(`{ "type": "INFO_INTEGRITYCHECK_FINISHED", "data": {"conflicting": ${pairs.size}}}`);
  reporter.say(` done (${pairs.size} conflicting)\n${text}`);
  return [...pairs.values()];
}

/** The files of packages, each read from its archive once. */
export class FileLists {
  readonly #session: Session;
  readonly #known = new Map<string, string[]>();

  constructor(session: Session) {
    this.#session = session;
  }

  of(pkg: Candidate): string[] {
    const known = this.#known.get(nameVersion(pkg));
    if (known !== undefined) return known;
    const archive = archiveOf(this.#session, pkg);
    const manifest = archive === undefined ? undefined : archiveManifest(archive);
    const paths = (manifest?.files ?? []).map((file) => file.path);
    this.#known.set(nameVersion(pkg), paths);
    return paths;
  }
}

function findConflicts(database: LocalDatabase, jobs: readonly Job[], lists: FileLists): Conflict[] {
  const leaving = new Set(jobs.map((job) => (job.kind === 'delete' ? job.old.name : job.pkg.name)));
  const owners = new Map<string, Candidate>();
  const found: Conflict[] = [];
  for (const job of jobs) {
    if (job.kind === 'delete') continue;
    for (const path of lists.of(job.pkg)) {
      const other = owners.get(path);
      if (other !== undefined) found.push({ first: job.pkg, second: other, secondInstalled: false, path });
      else owners.set(path, job.pkg);
      const owner = database.ownerOf(path);
      if (owner !== undefined && !leaving.has(owner.name)) {
        found.push({ first: job.pkg, second: owner, secondInstalled: true, path });
      }
    }
  }
  return found;
}
