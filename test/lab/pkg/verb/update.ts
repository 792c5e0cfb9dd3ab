import { updateCatalogues } from '../catalogue.ts';
import { verbOptions } from '../getopt.ts';
import type { Session } from '../session.ts';

/** `pkg update`. */
export async function update(session: Session, args: readonly string[]): Promise<number> {
  const options = verbOptions('update', args, 'fqr:', { force: 'f', quiet: 'q', repository: 'r' });
  session.reporter.quiet = options.has('q');
  return updateCatalogues(session, options.has('f'), true, options.values('r'));
}
