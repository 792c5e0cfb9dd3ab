import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestRoot } from './root.ts';
import { installed, runPkg } from './run-pkg.ts';
import { RepositoryServer } from './server.ts';
import { comparableEvents, comparableText, readTranscripts } from './transcripts.ts';

const CASES = readTranscripts();
const RECORDED_URLS = ['http://127.0.0.1:18201/', 'http://127.0.0.1:18202/'];
/** From which step on a case used the newer repository, or none that answers. */
const NEWER_FROM: Record<string, number> = { plan: 4, locked: 2 };
const DOWN_FROM: Record<string, number> = { 'server-down': 1 };

let servers: RepositoryServer[];
let closedUrl: string;
let root: TestRoot;

beforeAll(async () => {
  servers = await Promise.all(
    ['repo-1.0', 'repo-2.0'].map((name) => RepositoryServer.start(`test/fixtures/pkg/${name}`)),
  );
  const closed = await RepositoryServer.start('test/fixtures/pkg/repo-1.0');
  closedUrl = closed.url;
  await closed.stop();
});

afterAll(async () => {
  for (const server of servers) await server.stop();
});

beforeEach(() => {
  root = new TestRoot();
});

afterEach(() => {
  root.destroy();
});

describe('what was recorded of the real pkg', () => {
  it.each(CASES.map((entry) => [entry.case, entry] as const))('%s', async (name, { steps }) => {
    prepare(name);
    let before: string[] = [];
    for (const [index, step] of steps.entries()) {
      const newer = index >= (NEWER_FROM[name] ?? Infinity);
      const url = index >= (DOWN_FROM[name] ?? Infinity) ? closedUrl : (servers[newer ? 1 : 0]?.url ?? '');
      root.useRepository(url);
      if (name === 'missing-file' && index === 1) damage();
      expect(before).toEqual(step.before);
      const verb = step.argv.slice(step.argv.findIndex((word) => word.startsWith('EVENT_PIPE=')) + 1);
      const run = await runPkg(root, verb);
      const label = `step ${index}: ${verb.join(' ')}`;
      expect(comparableText(run.stdout, root.directory), `${label}: stdout`).toBe(
        comparableText(step.stdout, 'ROOT'),
      );
      expect(comparableText(run.stderr, root.directory), `${label}: stderr`).toBe(
        comparableText(step.stderr, 'ROOT'),
      );
      expect(comparableEvents(run.events, url), `${label}: events`).toEqual(
        comparableEvents(step.events, RECORDED_URLS[newer ? 1 : 0] ?? ''),
      );
      expect(run.signal, label).toBeNull();
      expect(run.status, `${label}: status`).toBe(step.status);
      before = await installed(root);
      expect(before, `${label}: packages`).toEqual(step.after);
    }
  });

  it('has every case that was recorded', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(22);
  });
});

function prepare(name: string): void {
  if (name === 'alias') root.write('usr/local/etc/pkg.conf', 'ALIAS { install: "install -n"; }\n');
  if (name === 'no-shell') root.remove('bin/sh');
  if (name === 'no-nobody') root.write('etc/passwd', 'root:*:0:0::/root:/bin/sh\n');
}

function damage(): void {
  rmSync(root.path('usr/local/share/tiny/a.txt'));
  writeFileSync(root.path('usr/local/bin/hello.sh'), 'changed\n');
}
