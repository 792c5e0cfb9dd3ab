import { archiveOf } from './cache.ts';
import type { ExecuteFlags } from './execute.ts';
import { fetchForJobs } from './fetch-packages.ts';
import { checkIntegrity, FileLists } from './integrity.ts';
import type { Candidate, Conflict, Job } from './jobs.ts';
import type { LocalDatabase } from './local-database.ts';
import { nameVersion } from './manifest.ts';
import type { Session } from './session.ts';
import { type Problem, solve } from './solver.ts';
import { STATUS } from './status.ts';
import { systemLibraries } from './system-libraries.ts';
import type { Universe } from './universe.ts';

/** What is asked of an install or upgrade. */
export interface ChangeRequest extends ExecuteFlags {
  requested: Candidate[];
  automatic: boolean;
  fetchOnly: boolean;
  ignoreMissing: boolean;
}

/** A change on its way: solved, fetched, checked, solved again where files conflict, executed. */
export class Change {
  jobs: Job[] = [];
  readonly #session: Session;
  readonly #database: LocalDatabase;
  readonly #request: ChangeRequest;
  readonly #problem: Problem;
  readonly #lists: FileLists;
  #needsFetch = false;
  #conflicts: Conflict[] = [];

  constructor(session: Session, database: LocalDatabase, universe: Universe, request: ChangeRequest) {
    this.#session = session;
    this.#database = database;
    this.#request = request;
    this.#lists = new FileLists(session);
    this.#problem = {
      universe,
      requested: request.requested,
      conflicts: [],
      force: request.force,
      automatic: request.automatic,
      systemLibrary: systemLibraries(session),
    };
  }

  /** Finds the jobs; with every archive at hand, also what conflicts on disk. False where there is none. */
  solve(): boolean {
    if (!this.#solveOnce()) return false;
    const missing = this.jobs.some(
      (job) => job.kind === 'install' && archiveOf(this.#session, job.pkg) === undefined,
    );
    if (missing) this.#needsFetch = true;
    if (missing || this.#needsFetch) return true;
    return this.#settle();
  }

  /** Downloads and executes; pkg's status, `conflict` where the plan had to change and must be shown again. */
  async apply(): Promise<number> {
    if (this.#needsFetch) {
      const status = await fetchForJobs(this.#session, this.jobs);
      if (status !== STATUS.ok) return status;
      const found = this.#check();
      if (found.length > 0) {
        if (!this.#again(found)) return STATUS.fatal;
        this.#settle();
        return STATUS.conflict;
      }
    }
    if (this.#request.fetchOnly) return STATUS.ok;
    const { executeJobs } = await import('./execute.ts');
    return executeJobs(this.#session, this.#database, this.jobs, this.#conflicts, this.#request);
  }

  #settle(): boolean {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const found = this.#check();
      if (found.length === 0) return true;
      if (!this.#again(found)) return false;
    }
    return false;
  }

  #check(): Conflict[] {
    return checkIntegrity(this.#session, this.#database, this.jobs, this.#lists);
  }

  #again(found: readonly Conflict[]): boolean {
    this.#conflicts = [...this.#conflicts, ...found];
    this.#problem.conflicts = this.#conflicts;
    return this.#solveOnce();
  }

  #solveOnce(): boolean {
    const { reporter } = this.#session;
    const solution = solve(this.#problem);
    if (solution.missing.length > 0 && !this.#request.ignoreMissing) {
      for (const { pkg, dependency } of solution.missing) {
        reporter.error(`${nameVersion(pkg)} has a missing dependency: ${dependency}`);
      }
      return false;
    }
    if (solution.dropped) {
      reporter.notice('Cannot solve problem using SAT solver, trying another plan');
    }
    this.jobs = solution.jobs;
    return true;
  }
}
