import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Each file that needs a lab opens its own; more of them than this only wait for each other.
    maxWorkers: 2,
    // Where the machine is shared, a deadline can pass for no fault of the code; what is printed shows it.
    retry: process.env['CI'] === undefined ? 0 : 2,
  },
});
