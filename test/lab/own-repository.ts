import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import { makeRepository, type TestPackage } from './conformance/packages.ts';
import { deadline } from './deadline.ts';
import type { JailUnderTest } from './jail-under-test.ts';
import type { Lab } from './open-lab.ts';

/** A package of a test's own; whatever is left out does no harm. */
export function ownPackage(name: string, more: Partial<TestPackage> = {}): TestPackage {
  return { name, version: '1.0', files: { [`/usr/local/share/${name}/x`]: name }, ...more };
}

/** Gives a jail one more repository, inside its root, with packages made for a test. */
export async function addRepository(lab: Lab, jail: JailUnderTest, packages: TestPackage[]): Promise<void> {
  const { directory, remove } = makeRepository(packages);
  try {
    await lab.must(
      `cp -R "$2" "$1/repository"
       echo 'own: { url: "file:///repository", enabled: yes }' > "$1/usr/local/etc/pkg/repos/own.conf"`,
      jail.root,
      directory,
    );
  } finally {
    remove();
  }
}

/**
 * Gives a jail other packages in the place of those that `addRepository` gave it. pkg asks for what changed since its
 * catalogue's second, so the new repository is made in a later one.
 */
export async function replaceRepository(
  lab: Lab,
  jail: JailUnderTest,
  packages: TestPackage[],
): Promise<void> {
  await lab.must('rm -R "$1/repository"', jail.root);
  await setTimeout(1000 - (Date.now() % 1000));
  await addRepository(lab, jail, packages);
}

/** Waits until a script of the lab succeeds. */
export async function until(lab: Lab, script: string, ...args: string[]): Promise<void> {
  await expect
    .poll(async () => (await lab.sh(script, ...args)).status, { timeout: deadline(30_000), interval: 50 })
    .toBe(0);
}
