import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory that goes with the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'jtx-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A root that has the directory of a package database. */
export function emptyRoot(): string {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'var/db/pkg'), { recursive: true });
  mkdirSync(join(root, 'etc'));
  return root;
}

/** A root with a database that a real pkg wrote. */
export function rootWithPackages(): string {
  const root = emptyRoot();
  copyFileSync('test/fixtures/pkg/local.sqlite', join(root, 'var/db/pkg/local.sqlite'));
  return root;
}
