import { refused } from '../error.ts';
import { RootWalk } from '../host/root-walk.ts';
import { type Run, succeeded } from '../host/run.ts';
import type { FoundJail } from '../jail/find.ts';
import { resolvePkg } from '../pkg/command.ts';
import { schemaVersion } from '../pkg/database.ts';
import { newestSchema, schemaWritten } from '../pkg/schema.ts';
import type { Context } from './context.ts';

/** A package database that the host's pkg would migrate, and to what. */
export interface Migration {
  from: number;
  to: number;
  /** The version of the host's pkg. */
  pkg: string;
}

/**
 * What the host's pkg would make of the package database of a jail at its first write, and of a pkg before 2.8 at any
 * command (docs/pkg-facts.md, 9). Undefined where it leaves the schema alone. Throws `pkg-missing`, `command-failed`.
 */
export async function pendingMigration(
  { config, environment }: Context,
  run: Run,
  root: string,
): Promise<Migration | undefined> {
  const from = schemaVersion(root);
  if (from === undefined || from === 0 || from >= newestSchema) return undefined;
  const program = resolvePkg(config.pkg, environment['PATH'] ?? '');
  const pkg = succeeded(await run([program, '-v'])).stdout.trim();
  const to = schemaWritten(pkg);
  return to === undefined || to <= from ? undefined : { from, to, pkg };
}

/**
 * Refuses a jail whose package database the host's pkg would migrate: what is committed of that is for good. Throws
 * `package-database-older`, `pkg-missing`, `command-failed`.
 */
export async function requireNoMigration(context: Context, run: Run, jail: FoundJail): Promise<void> {
  const migration = await pendingMigration(context, run, jail.root);
  if (!migration) return;
  const { from, to, pkg } = migration;
  throw older(
    jail,
    `the package database of ${jail.root} has schema ${from}, and this host's pkg ${pkg} would migrate it to ${to}`,
  );
}

/**
 * Refuses to go on where the plan alone has migrated the package database: the host's pkg is one that is not known here.
 * Throws `package-database-older`.
 */
export function requireSameSchema(jail: FoundJail, before: number | undefined): void {
  const now = schemaVersion(jail.root);
  if (before === undefined || before === 0 || now === before) return;
  throw older(jail, `this host's pkg migrated the package database from schema ${before} to ${now}`);
}

function older({ name, root }: FoundJail, message: string): Error {
  const ownPkg = RootWalk.within(root, (walk) => walk.find('usr/local/sbin/pkg')) !== undefined;
  const hints = [
    ...(ownPkg ? [`The jail's own pkg leaves it as it is: jtx run ${name} -- pkg ...`] : []),
    "With --migrate-database the host's pkg migrates it; an older pkg in the jail goes on working, and warns.",
  ];
  return refused('package-database-older', message, hints.join('\n'));
}
