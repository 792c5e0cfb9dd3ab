import { version } from './version.ts';

const [, , only, more] = process.argv;
if (more === undefined && (only === '--version' || only === '-V')) {
  // Nothing but the version is wanted: do not load the program for it.
  process.stdout.write(`${version}\n`);
} else {
  import('./cli/program.js').then(async ({ main }) => {
    process.exitCode = await main(process.argv);
  });
}
