import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Names what has failed once more, a line each, below all else: of a long log often only the end is kept. */
export class Failures implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) => [
      ...module.errors().map(({ message }) => `${module.relativeModuleId}: ${firstLine(message)}`),
      ...[...module.children.allTests('failed')].map(describeFailure),
    ]);
    if (lines.length > 0) console.log(['', 'failed:', ...lines].join('\n'));
  }
}

function describeFailure(test: TestCase): string {
  const [error] = test.result().errors ?? [];
  return `${test.module.relativeModuleId} > ${test.fullName}: ${firstLine(error?.message ?? '')}`;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
