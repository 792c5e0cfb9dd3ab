import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { type JtxError, refused } from '../error.ts';
import { errnoOf } from '../host/errno.ts';

/**
 * What it means where node cannot load the compiled part of better-sqlite3, as after an update to another major version
 * of node: `addon-unusable`. Undefined for any other error. Everything that jtx does opens a database before it begins.
 */
export function unusableAddon(error: unknown, program: string): JtxError | undefined {
  const isLoading = ['ERR_DLOPEN_FAILED', 'MODULE_NOT_FOUND'].includes(errnoOf(error) ?? '');
  if (!isLoading || !(error instanceof Error) || !error.message.includes('better_sqlite3.node'))
    return undefined;
  return refused(
    'addon-unusable',
    `node ${process.version} cannot load the compiled part of better-sqlite3`,
    `It is compiled for one version of node: ${dirname(dirname(realpathSync(program)))}/scripts/setup does it again.`,
    error,
  );
}
