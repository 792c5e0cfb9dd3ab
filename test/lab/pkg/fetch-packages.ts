import { existsSync, mkdirSync, rmSync, statfsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { archiveOf, cachePath } from './cache.ts';
import { errorText } from './error-text.ts';
import type { Candidate, Job } from './jobs.ts';
import { nameVersion } from './manifest.ts';
import type { Session } from './session.ts';
import { STATUS } from './status.ts';
import { fileHasSum } from './sums.ts';
import { humanSize } from './text.ts';

/** Downloads what jobs need into the cache; gives pkg's status. All of it comes before any change. */
export async function fetchForJobs(session: Session, jobs: readonly Job[], dryRun = false): Promise<number> {
  const wanted = jobs.flatMap((job) => (job.kind === 'install' ? [job.pkg] : []));
  const missing = wanted.filter((pkg) => archiveOf(session, pkg) === undefined);
  if (missing.length === 0) return STATUS.ok;
  return fetchPackages(session, missing, session.config.string('PKG_CACHEDIR'), false, dryRun);
}

/** Downloads packages into a directory inside the root. */
export async function fetchPackages(
  session: Session,
  packages: readonly Candidate[],
  directory: string,
  mirror: boolean,
  dryRun = false,
): Promise<number> {
  const { reporter } = session;
  const needed = packages.reduce((sum, pkg) => sum + pkg.pkgsize, 0);
  try {
    const place = statfsSync(session.root.makeDirectory(directory));
    const available = place.bavail * place.bsize;
    if (needed > available) {
      reporter.error(
        `Not enough space in ${directory}, needed ${humanSize(needed, 4)} available ${humanSize(available, 4)}`,
      );
      return STATUS.fatal;
    }
  } catch (error) {
    reporter.error(`mkdir(${directory}): ${errorText(error)}`);
    return STATUS.fatal;
  }
  if (dryRun) return STATUS.ok;
  for (const [index, pkg] of packages.entries()) {
    reporter.action(index + 1, packages.length);
    const path = mirror ? posix.join(directory, pkg.repopath) : cachePath(session, pkg);
    const status = await fetchOne(session, pkg, path);
    if (status !== STATUS.ok) return status;
    if (!mirror) linkByName(session, pkg, path);
  }
  reporter.endActions();
  return STATUS.ok;
}

async function fetchOne(session: Session, pkg: Candidate, inside: string): Promise<number> {
  const { reporter, root } = session;
  const path = root.followed(inside);
  mkdirSync(posix.dirname(path), { recursive: true });
  const repository = session.repositories.find(({ name }) => name === pkg.repository);
  if (repository === undefined) return STATUS.fatal;
  const partial = existsSync(path) && statSync(path).size !== pkg.pkgsize;
  if (partial) rmSync(path);
  const { download } = await import('./http.ts');
  const fetched = await download(session, {
    url: `${repository.url}/${pkg.repopath}`,
    label: `Fetching ${nameVersion(pkg)}`,
    counted: true,
    since: 0,
    silent: false,
    expectedSize: pkg.pkgsize,
  });
  if (fetched.kind === 'unchanged') return STATUS.upToDate;
  if (fetched.kind === 'missing') return STATUS.notFound;
  if (fetched.kind !== 'content') return STATUS.fatal;
  if (fetched.content.length > pkg.pkgsize) {
    reporter.error('fetch exceeds expected package size');
    return STATUS.fatal;
  }
  if (fetched.content.length < pkg.pkgsize) {
    reporter.error('fetch size does not match expected package size');
    return STATUS.fatal;
  }
  try {
    writeFileSync(path, fetched.content);
  } catch (error) {
    reporter.error(`write(${inside}): ${errorText(error)}`);
    rmSync(path, { force: true });
    return STATUS.fatal;
  }
  if (!fileHasSum(path, pkg.sum)) {
    reporter.error(`${nameVersion(pkg)} failed checksum from repository`);
    rmSync(path, { force: true });
    return STATUS.fatal;
  }
  return STATUS.ok;
}

function linkByName(session: Session, pkg: Candidate, inside: string): void {
  const link = session.root.path(posix.join(posix.dirname(inside), `${nameVersion(pkg)}.pkg`));
  rmSync(link, { force: true });
  symlinkSync(posix.basename(inside), link);
}
