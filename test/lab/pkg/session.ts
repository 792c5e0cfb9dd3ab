import type { Options } from './arguments.ts';
import type { Config } from './config.ts';
import type { Reporter } from './reporter.ts';
import type { Repository } from './repositories.ts';
import type { Root } from './root.ts';

/** What every verb works with. */
export interface Session {
  options: Options;
  config: Config;
  root: Root;
  reporter: Reporter;
  repositories: Repository[];
  /** Whether questions are answered with yes. */
  yes: boolean;
  /** Directories that files came into or went from, for the triggers. */
  touched: Set<string>;
}
