import { version } from './version.ts';

// Nothing but the version is wanted: do not load the program for it.
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${version}\n`);
} else {
  const { main } = await import('./cli/program.ts');
  process.exitCode = await main(process.argv);
}
