import { buildRepositories } from '../repository/build.ts';
import { labCacheDirectory } from '../repository/cache-directory.ts';

// Builds the lab's repositories, or finds them in the cache, and prints their directories.
try {
  const { current, next } = await buildRepositories(labCacheDirectory(), (line) =>
    process.stderr.write(`lab: ${line}\n`),
  );
  process.stdout.write(`${current}\n${next}\n`);
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
