import { dirname, join } from 'node:path';
import type { Config } from '../config/settings.ts';

/** Where the locks lie: beside the journal, in its private directory. */
export function lockDirectory(config: Config): string {
  return join(dirname(config.journal), 'locks');
}
