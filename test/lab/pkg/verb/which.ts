import { verbOptions } from '../getopt.ts';
import { openToRead } from '../local-database.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';

/** `pkg which`: the package that owns a path. */
export function which(session: Session, args: readonly string[]): number {
  const options = verbOptions('which', args, 'gmopq', { glob: 'g', origin: 'o', quiet: 'q' });
  const { reporter } = session;
  const database = openToRead(session);
  let status: number = STATUS.ok;
  for (const path of options.names) {
    const owner = database?.ownerOf(path);
    if (owner === undefined) {
      if (!options.has('q')) reporter.print(`${path} was not found in the database\n`);
      status = STATUS.failure;
      continue;
    }
    const name = `${owner.name}-${owner.version}`;
    reporter.print(options.has('q') ? `${name}\n` : `${path} was installed by package ${name}\n`);
  }
  database?.close();
  return status;
}
