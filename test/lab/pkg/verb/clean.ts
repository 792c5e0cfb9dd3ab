import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { verbOptions } from '../getopt.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { humanSize } from '../text.ts';

/** `pkg clean`: empties the cache. */
export function clean(session: Session, args: readonly string[]): number {
  const options = verbOptions('clean', args, 'anqy', { all: 'a', 'dry-run': 'n', quiet: 'q', yes: 'y' });
  const { reporter } = session;
  reporter.quiet = options.has('q');
  const directory = session.root.followed(session.config.string('PKG_CACHEDIR'));
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    names = [];
  }
  if (names.length === 0) {
    reporter.say('Nothing to do.\n');
    return STATUS.ok;
  }
  const size = names.reduce((sum, name) => {
    return sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
  reporter.say(
    `The following package files will be deleted:\n${names.map((name) => `\t${name}\n`).join('')}`,
  );
  reporter.say(`The cleanup will free ${humanSize(size)}\n`);
  if (options.has('n') || !(session.yes || options.has('y'))) return STATUS.ok;
  for (const name of names) rmSync(join(directory, name), { recursive: true, force: true });
  return STATUS.ok;
}
