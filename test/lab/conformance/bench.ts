import { makeRepository, type TestPackage } from './packages.ts';
import { TestRoot } from './root.ts';
import { RepositoryServer } from './server.ts';

/** A root with a repository of its own over HTTP. */
export interface Bench {
  root: TestRoot;
  server: RepositoryServer;
  directory: string;
  /** Puts other packages into the repository's place. */
  publish(packages: readonly TestPackage[]): Promise<void>;
  end(): Promise<void>;
}

/** Makes a root and a repository with some packages. */
export async function makeBench(packages: readonly TestPackage[]): Promise<Bench> {
  const root = new TestRoot();
  let made = makeRepository(packages);
  const bench: Bench = {
    root,
    server: await RepositoryServer.start(made.directory),
    directory: made.directory,
    async publish(others) {
      await bench.server.stop();
      made.remove();
      made = makeRepository(others);
      bench.directory = made.directory;
      bench.server = await RepositoryServer.start(made.directory);
      root.useRepository(bench.server.url);
    },
    async end() {
      await bench.server.stop();
      made.remove();
      root.destroy();
    },
  };
  root.useRepository(bench.server.url);
  return bench;
}

/** The simplest package. */
export function plain(name: string, version = '1.0', more: Partial<TestPackage> = {}): TestPackage {
  return { name, version, files: { [`/usr/local/share/${name}/x`]: `${name} ${version}\n` }, ...more };
}

/** The types of events, in order, without progress and what has no type. */
export function eventTypes(events: string): string[] {
  return [...events.matchAll(/"type": "(\w+)"/g)]
    .map(([, type = '']) => type)
    .filter((type) => !type.startsWith('INFO_PROGRESS'));
}
