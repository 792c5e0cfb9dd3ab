import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's directory, whether this runs from its sources or from a bundle of them. */
export function projectDirectory(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); at !== '/'; at = dirname(at)) {
    if (existsSync(join(at, 'test/fixtures/pkg'))) return at;
  }
  throw new Error('the lab must run from a clone of the project');
}
