import { spawnSync } from 'node:child_process';
import { waiting, workerMark } from './interrupt.ts';
import type { Candidate } from './jobs.ts';
import type { Session } from './session.ts';
import type { Universe } from './universe.ts';
import { compareVersions } from './version.ts';

const startedIn = process.cwd();

/** A newer package named pkg, which goes in before anything else, whatever was asked for. */
export function newPkgVersion(session: Session, universe: Universe): Candidate | undefined {
  const local = universe.local.get('pkg');
  const remote = universe.remote.get('pkg')?.[0];
  if (local === undefined || remote === undefined || local.locked) return undefined;
  if (compareVersions(local.version, remote.version) >= 0) return undefined;
  session.reporter.event('{ "type": "INFO_NEWPKGVERSION", "data": {}} ');
  session.reporter.print('New version of pkg detected; it needs to be installed first.\n');
  return remote;
}

/** Runs the same command again with the pkg that was just put in. */
export function restart(session: Session): number {
  session.reporter.pipe?.close();
  const [, script = '', ...args] = process.argv;
  const again = waiting === undefined ? args : [workerMark(3), ...args.slice(1)];
  const run = spawnSync(process.execPath, [script, ...again], {
    stdio: ['inherit', 'inherit', 'inherit', ...(waiting === undefined ? [] : [waiting])],
    cwd: startedIn,
  });
  if (run.signal !== null) process.kill(process.pid, run.signal);
  return run.status ?? 1;
}
