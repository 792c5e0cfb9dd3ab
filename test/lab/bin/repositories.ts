import { join } from 'node:path';
import { buildRepositories } from '../repository/build.ts';

// Builds the lab's repositories, or finds them in the cache, and prints their directories.
const base = process.env['XDG_CACHE_HOME'] ?? '';
const cache = join(base.startsWith('/') ? base : '/var/cache', 'jtx-lab');
try {
  const { current, next } = await buildRepositories(cache, (line) => process.stderr.write(`lab: ${line}\n`));
  process.stdout.write(`${current}\n${next}\n`);
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
