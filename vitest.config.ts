import { defineConfig } from 'vitest/config';
import { deadline } from './test/lab/deadline.ts';

// Its guests are started and killed from outside: it is no part of a run in a lab, but one of its own.
const powerCut = 'test/crash/power-cut.test.ts';
const powerCutAlone = process.env['JTX_POWER_CUTS'] !== undefined;

export default defineConfig({
  test: {
    include: powerCutAlone ? [powerCut] : ['test/**/*.test.ts'],
    exclude: powerCutAlone ? [] : [powerCut],
    testTimeout: deadline(60_000),
    hookTimeout: deadline(120_000),
    // Each file that needs a lab opens its own; more of them than this only wait for each other.
    maxWorkers: 2,
    // Where the machine is shared, a deadline can pass for no fault of the code; what is printed shows it.
    retry: process.env['CI'] === undefined ? 0 : 2,
  },
});
