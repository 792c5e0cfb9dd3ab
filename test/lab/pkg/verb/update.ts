import { updateCatalogues } from '../catalogue.ts';
import { verbOptions } from '../getopt.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';

/** `pkg update`. */
export async function update(session: Session, args: readonly string[]): Promise<number> {
  const options = verbOptions('update', args, 'fqr:', { force: 'f', quiet: 'q', repository: 'r' });
  session.reporter.quiet = options.has('q');
  const status = await updateCatalogues(session, options.has('f'), true, options.values('r'));
  return status === STATUS.ok ? 0 : 1;
}
