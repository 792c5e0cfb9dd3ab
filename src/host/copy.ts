import { execFileSync } from 'node:child_process';
import { JtxError } from '../error.ts';
import { hostEnvironment } from './run.ts';

/**
 * Copies one file or symlink, with everything that cp(1) of the host knows of it, into the working directory: the command
 * inherits that, so that no path can lead elsewhere meanwhile. Throws `copy-failed`.
 */
export function copyHere(source: string, name: string): void {
  try {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    execFileSync('cp', ['-RpP', '--', source, name], { env: hostEnvironment(), stdio: [...stdio] });
  } catch (error) {
    const said = error instanceof Error ? error.message.split('\n').at(1) : undefined;
    throw new JtxError({
      code: 'copy-failed',
      outcome: 'rolled-back',
      message: `${source} could not be copied: ${said ?? String(error)}`,
      cause: error,
    });
  }
}
