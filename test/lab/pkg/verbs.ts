import type { Session } from './session.ts';

type Verb = (session: Session, args: readonly string[]) => number | Promise<number>;

/** Each verb is loaded when it is called for: a query need not wait for what an install needs. */
const LOADERS: Record<string, () => Promise<Verb>> = {
  add: async () => (await import('./verb/add.ts')).add,
  annotate: async () => (await import('./verb/annotate.ts')).annotatePackages,
  audit: async () => (await import('./verb/audit.ts')).audit,
  autoremove: async () => (await import('./verb/autoremove.ts')).autoremove,
  check: async () => (await import('./verb/check.ts')).check,
  clean: async () => (await import('./verb/clean.ts')).clean,
  config: async () => (await import('./verb/config.ts')).printConfig,
  delete: async () => (await import('./verb/delete.ts')).remove,
  fetch: async () => (await import('./verb/fetch.ts')).fetchVerb,
  info: async () => (await import('./verb/info.ts')).info,
  install: async () => (await import('./verb/install.ts')).install,
  lock: async () => (await import('./verb/lock.ts')).lock,
  query: async () => (await import('./verb/query.ts')).query,
  remove: async () => (await import('./verb/delete.ts')).remove,
  rquery: async () => (await import('./verb/rquery.ts')).rquery,
  set: async () => (await import('./verb/set.ts')).set,
  stats: async () => (await import('./verb/stats.ts')).stats,
  unlock: async () => (await import('./verb/lock.ts')).unlock,
  update: async () => (await import('./verb/update.ts')).update,
  upgrade: async () => (await import('./verb/upgrade.ts')).upgrade,
  version: async () => (await import('./verb/version.ts')).version,
  which: async () => (await import('./verb/which.ts')).which,
};

/** The verbs that there are. */
export const VERBS = Object.keys(LOADERS);

/** Runs a verb by its name or an unambiguous beginning of it. */
export async function runVerb(session: Session, name: string, args: readonly string[]): Promise<number> {
  const matching = VERBS.filter((verb) => verb.startsWith(name));
  const loader = LOADERS[name] ?? (matching.length === 1 ? LOADERS[matching[0] ?? ''] : undefined);
  if (loader === undefined) {
    session.reporter.warn(
      matching.length > 1 ? `'${name}' is ambiguous: ${matching.join(', ')}` : `unknown command: ${name}`,
    );
    session.reporter.complain("\nFor more information on available commands and options see 'pkg help'.");
    return 1;
  }
  const verb = await loader();
  return verb(session, args);
}
