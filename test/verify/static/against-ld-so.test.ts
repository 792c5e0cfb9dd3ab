import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deadline } from '../../lab/deadline.ts';
import { openForTests } from '../../lab/for-tests.ts';
import { JailUnderTest } from '../../lab/jail-under-test.ts';
import { Lab } from '../../lab/open-lab.ts';

interface Compared {
  files: number;
  missing: number;
  differences: unknown[];
}

/** Only where the lab's programs are those of a distribution of Linux is there its dynamic linker to ask. */
const debian =
  process.platform === 'linux' && /\/x86_64-linux-gnu\/libc/.test(readFileSync('/proc/self/maps', 'utf8'));

describe.runIf(debian)('what would be loaded, file by file, as the dynamic linker itself says', () => {
  const lab = openForTests(new Lab({ JTX_LAB_FIXTURE_REPOSITORIES: '', LAB_POOL_SIZE: '6G' }));
  const jail = new JailUnderTest(lab, 'web');

  async function compared(root: string, ...directories: string[]): Promise<Compared> {
    const said = await lab.must('"$LAB_NODE" "$LAB_TOP/dist/lab/linked.js" "$@"', root, ...directories);
    const found: Compared = JSON.parse(said);
    console.log(`${root}: ${found.files} files, of which ${found.missing} miss something`);
    return found;
  }

  it('in a jail with PostgreSQL and nginx', { timeout: deadline(240_000) }, async () => {
    const installed = await jail.pkg('install', '-y', 'postgresql15-server', 'nginx', 'needslib');
    expect(installed.status, installed.stderr).toBe(0);
    const { files, missing, differences } = await compared(jail.root, '/usr', '/bin', '/sbin', '/lib');
    expect(differences).toEqual([]);
    expect(files).toBeGreaterThan(100);
    expect(missing).toBeGreaterThan(0);
  });

  it.runIf(deadline(1) === 1)('on this host', { timeout: 300_000 }, async () => {
    const { files, differences } = await compared('/', '/usr/bin', '/usr/sbin', '/usr/lib/x86_64-linux-gnu');
    expect(differences).toEqual([]);
    expect(files).toBeGreaterThan(200);
  });
});
