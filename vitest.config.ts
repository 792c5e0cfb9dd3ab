import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { deadline } from './test/lab/deadline.ts';
import { skippedOnFreebsd } from './test/lab/freebsd/skipped.ts';

// These start guests, and kill them: they are no part of a run that may be in a guest itself, but one of their own.
const outside = ['test/lab/openzfs/run.test.ts', 'test/crash/power-cut.test.ts'];
const outsideAlone = process.env['JTX_POWER_CUTS'] !== undefined;

const freebsd = process.platform === 'freebsd';
const skipped = freebsd ? Object.entries(skippedOnFreebsd) : [];
for (const [path, reason] of skipped) console.warn(`skipped on FreeBSD: ${path}: ${reason}`);

/** Deals the files out in turn, so that each share has its part of every directory. */
class InTurn extends BaseSequencer {
  override async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { index, count } = this.ctx.config.shard ?? { index: 1, count: 1 };
    const inOrder = files.toSorted((one, other) => (one.moduleId < other.moduleId ? -1 : 1));
    return inOrder.filter((_, place) => place % count === index - 1);
  }
}

export default defineConfig({
  test: {
    include: outsideAlone ? outside : ['test/**/*.test.ts'],
    exclude: [
      ...(outsideAlone ? [] : outside),
      ...skipped.map(([path]) => (path.endsWith('.ts') ? path : `${path}/**`)),
    ],
    testTimeout: deadline(60_000),
    hookTimeout: deadline(120_000),
    // Each file that needs a lab opens its own; more of them than this only wait for each other.
    maxWorkers: freebsd ? 1 : 2,
    // Where the machine is shared, a deadline can pass for no fault of the code; what is printed shows it.
    retry: process.env['CI'] === undefined ? 0 : 2,
    sequence: { sequencer: InTurn },
  },
});
