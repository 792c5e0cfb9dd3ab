import { updateCatalogues } from '../catalogue.ts';
import { condition } from '../condition.ts';
import { type Described, FormatError, formatPackage } from '../format.ts';
import { verbOptions } from '../getopt.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { matcher, readRemotes } from '../universe.ts';

const LONG = {
  all: 'a',
  'case-sensitive': 'C',
  evaluate: 'e',
  glob: 'g',
  'case-insensitive': 'i',
  repository: 'r',
  'no-repo-update': 'U',
  regex: 'x',
};

/** `pkg rquery`. */
export async function rquery(session: Session, args: readonly string[]): Promise<number> {
  const options = verbOptions('rquery', args, 'aCe:gir:Ux', LONG);
  const [format, ...names] = options.names;
  if (format === undefined) {
    session.reporter.complain('Usage: pkg rquery [-r reponame] <query-format> <pkg-name>');
    return STATUS.failure;
  }
  if (!options.has('U') && session.config.boolean('REPO_AUTOUPDATE')) {
    session.reporter.quiet = true;
    const status = await updateCatalogues(session, false, false, options.values('r'));
    if (status !== STATUS.ok) return status;
  }
  try {
    const all = readRemotes(session, options.values('r'));
    if (all.length === 0) return STATUS.failure;
    const evaluate = options.values('e')[0];
    const holds = evaluate === undefined ? () => true : condition(evaluate);
    const match = options.has('g') ? 'glob' : options.has('x') ? 'regex' : 'exact';
    let missing = false;
    const chosen =
      names.length === 0
        ? all
        : names.flatMap((name) => {
            const found = all.filter(matcher(name, match));
            if (found.length === 0) missing = true;
            return found;
          });
    for (const pkg of chosen) {
      const described: Described = {
        pkg,
        repository: pkg.repository,
        files: () => pkg.files,
        dependants: () => all.filter((other) => other.deps.some((dep) => dep.name === pkg.name)),
      };
      if (!holds(described)) continue;
      for (const line of formatPackage(format, described)) session.reporter.print(`${line}\n`);
    }
    return missing ? STATUS.failure : STATUS.ok;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    session.reporter.warn(error.message);
    return STATUS.failure;
  }
}
