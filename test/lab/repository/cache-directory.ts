import { join } from 'node:path';

/** Where the lab keeps downloads and what it builds, between runs. */
export function labCacheDirectory(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? '';
  return join(base.startsWith('/') ? base : '/var/cache', 'jtx-lab');
}
