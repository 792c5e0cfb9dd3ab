import { existsSync, statSync } from 'node:fs';
import { repositoryPath } from './host-paths.ts';
import type { Candidate } from './jobs.ts';
import { nameVersion } from './manifest.ts';
import type { Session } from './session.ts';

/** The place in the cache, inside the root, where a package's archive belongs. */
export function cachePath(session: Session, pkg: Candidate): string {
  return `${session.config.string('PKG_CACHEDIR')}/${nameVersion(pkg)}~${pkg.sum.slice(0, 10)}.pkg`;
}

/** The size of a package's archive in the cache; undefined where it is not. */
export function cachedSize(session: Session, pkg: Candidate): number | undefined {
  const path = session.root.followed(cachePath(session, pkg));
  return existsSync(path) ? statSync(path).size : undefined;
}

/** The archive to install a package from, on the host; undefined where it must be downloaded first. */
export function archiveOf(session: Session, pkg: Candidate): string | undefined {
  if (pkg.archive !== undefined) return session.root.followed(pkg.archive);
  const repository = session.repositories.find(({ name }) => name === pkg.repository);
  if (repository?.url.startsWith('file://') === true) {
    const place = repositoryPath(session, `${repository.url.slice('file://'.length)}/${pkg.repopath}`);
    return existsSync(place) ? place : undefined;
  }
  const path = session.root.followed(cachePath(session, pkg));
  return existsSync(path) && statSync(path).size === pkg.pkgsize ? path : undefined;
}
