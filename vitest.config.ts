import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { deadline } from './test/lab/deadline.ts';
import { Failures } from './test/lab/failures.ts';
import { skippedOnFreebsd } from './test/lab/freebsd/skipped.ts';

// These start guests, and kill them: they are no part of a run that may be in a guest itself, but one of their own.
const outside = ['test/lab/openzfs/run.test.ts', 'test/crash/power-cut.test.ts'];
const outsideAlone = process.env['JTX_POWER_CUTS'] !== undefined;

const freebsd = process.platform === 'freebsd';
const skipped = freebsd ? Object.entries(skippedOnFreebsd) : [];
for (const [path, reason] of skipped) console.warn(`skipped on FreeBSD: ${path}: ${reason}`);

/** Those that take longest first, then those with a lab, so that in the end no worker waits long for another. */
const order = [
  /\/test\/(crash|parsers|sequences|year)\//,
  /\/test\/(backup|hostile|scripts|transaction)\//,
  /./,
];

function rank({ moduleId }: TestSpecification): number {
  return order.findIndex((pattern) => pattern.test(moduleId));
}

/** Where JTX_SHARE is set, one of so many files, another one each day: guests take most of an hour for all of them. */
function ofToday(files: TestSpecification[]): TestSpecification[] {
  const share = Number(process.env['JTX_SHARE'] ?? '1');
  const today = Math.floor(Date.now() / 86_400_000);
  const sorted = files.toSorted((one, other) => (one.moduleId < other.moduleId ? -1 : 1));
  return sorted.filter((_, index) => (index + today) % share === 0);
}

/** Deals the files out so that each share takes about as long, by what each took the last time. */
class Evenly extends BaseSequencer {
  override async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { index, count } = this.ctx.config.shard ?? { index: 1, count: 1 };
    const shares = Array.from({ length: count }, () => ({ taken: 0, files: [] as TestSpecification[] }));
    const costs = ofToday(files).map((file) => ({ file, cost: this.#milliseconds(file) }));
    costs.sort((one, other) => other.cost - one.cost || (one.file.moduleId < other.file.moduleId ? -1 : 1));
    for (const { file, cost } of costs) {
      const least = shares.reduce((one, other) => (other.taken < one.taken ? other : one));
      least.files.push(file);
      least.taken += cost;
    }
    return shares[index - 1]?.files ?? [];
  }

  /** What takes longest is begun first, also where nothing has been run yet. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }

  #milliseconds({ project, moduleId }: TestSpecification): number {
    const key = `${project.name}:${relative(project.config.root, moduleId)}`;
    return this.ctx.cache.getFileTestResults(key)?.duration || 1;
  }
}

export default defineConfig({
  test: {
    include: outsideAlone ? outside : ['test/**/*.test.ts'],
    exclude: [
      ...(outsideAlone ? [] : outside),
      ...skipped.map(([path]) => (path.endsWith('.ts') ? path : `${path}/**`)),
    ],
    testTimeout: deadline(120_000),
    hookTimeout: deadline(120_000),
    // Each file that needs a lab opens its own; more of them than this only wait for each other.
    maxWorkers: freebsd ? 1 : 2,
    setupFiles: ['test/lab/own-processor.ts'],
    // Where the machine is shared, a deadline can pass for no fault of the code; what is printed shows it.
    reporters: ['default', new Failures()],
    retry: process.env['CI'] === undefined ? 0 : 2,
    sequence: { sequencer: Evenly },
  },
});
