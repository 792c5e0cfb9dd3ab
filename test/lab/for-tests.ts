import { afterAll, beforeAll, beforeEach } from 'vitest';
import { JailUnderTest } from './jail-under-test.ts';
import type { Lab } from './open-lab.ts';

/** Opens a lab before the tests of this block or file, and closes it after them. Hooks that come later find it open. */
export function openForTests<L extends Lab>(lab: L): L {
  beforeAll(() => lab.open());
  afterAll(() => lab.close());
  return lab;
}

/**
 * A jail of such a lab that each test of this block or file finds as the hooks before this line have left it, without a
 * journal. What each test is to find besides is for a beforeEach below it.
 */
export function jailForTests(lab: Lab, name: string): JailUnderTest {
  const jail = new JailUnderTest(lab, name);
  beforeAll(() => jail.remember());
  beforeEach(() => jail.reset());
  return jail;
}
