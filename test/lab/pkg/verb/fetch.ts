import { updateCatalogues } from '../catalogue.ts';
import { fetchPackages } from '../fetch-packages.ts';
import { verbOptions } from '../getopt.ts';
import type { Candidate } from '../jobs.ts';
import { openToRead } from '../local-database.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { humanSize } from '../text.ts';
import { matcher, readUniverse } from '../universe.ts';

const LONG = {
  all: 'a',
  dependencies: 'd',
  glob: 'g',
  output: 'o',
  quiet: 'q',
  repository: 'r',
  'available-updates': 'u',
  'no-repo-update': 'U',
  regex: 'x',
  yes: 'y',
};

/** `pkg fetch`: downloads packages, with what they need on demand, and installs nothing. */
export async function fetchVerb(session: Session, args: readonly string[]): Promise<number> {
  const options = verbOptions('fetch', args, 'aCdgio:qr:suUxy', LONG);
  const { reporter } = session;
  reporter.quiet = options.has('q');
  session.yes = session.yes || options.has('y');
  if (!options.has('U')) {
    const status = await updateCatalogues(session, false, false, options.values('r'));
    if (status !== STATUS.ok) return status;
  }
  const database = openToRead(session);
  const universe = readUniverse(session, database, options.values('r'));
  database?.close();
  const match = options.has('a') ? 'all' : options.has('g') ? 'glob' : options.has('x') ? 'regex' : 'exact';
  const chosen = new Map<string, Candidate>();
  const queue: Candidate[] = [];
  for (const name of options.has('a') ? ['*'] : options.names) {
    const found = [...universe.remote.values()].flatMap(
      (candidates) => candidates.find(matcher(name, match)) ?? [],
    );
    if (found.length === 0) {
      reporter.error(`No packages available to fetch matching '${name}' have been found in the repositories`);
      return STATUS.failure;
    }
    queue.push(...found);
  }
  for (let pkg = queue.shift(); pkg !== undefined; pkg = queue.shift()) {
    if (chosen.has(pkg.name)) continue;
    chosen.set(pkg.name, pkg);
    if (!options.has('d')) continue;
    for (const dep of pkg.deps) queue.push(...(universe.remote.get(dep.name)?.slice(0, 1) ?? []));
  }
  const packages = [...chosen.values()];
  const total = packages.reduce((sum, pkg) => sum + pkg.pkgsize, 0);
  const lines = packages.map((pkg) => {
    const share = ((100 * pkg.pkgsize) / total).toFixed(2);
    return `\t${pkg.name}: ${pkg.version} (${humanSize(pkg.pkgsize)}: ${share}% of the ${humanSize(total)} to download)\n`;
  });
  reporter.say(
    `The following packages will be fetched:\n\nNew packages to be FETCHED:\n${lines.join('')}\n` +
      `Number of packages to be fetched: ${packages.length}\n\nThe process will require ${humanSize(total)} more space.\n` +
      `${humanSize(total)} to be downloaded.\n`,
  );
  if (!session.yes) return STATUS.failure;
  const output = options.values('o')[0];
  const directory = output ?? session.config.string('PKG_CACHEDIR');
  return fetchPackages(session, packages, directory, output !== undefined);
}
