import { manifestOf } from '../manifest.ts';

// manifest DIRECTORY: prints everything that a rollback has to bring back, for comparison byte for byte.
const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('usage: manifest DIRECTORY\n');
  process.exitCode = 2;
} else {
  process.stdout.write(manifestOf(directory));
}
