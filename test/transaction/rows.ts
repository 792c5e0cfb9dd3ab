import { expect } from 'vitest';
import type { JailUnderTest } from '../lab/jail-under-test.ts';
import type { Lab } from '../lab/open-lab.ts';

/** One case: what the jail is like, what jtx is asked to do, and what must come of it. */
export interface Row {
  name: string;
  /** Packages that are there already, of the older repository. */
  installed?: string[];
  /** A bash script that prepares the jail or the lab; `$1` is the root, `$2` the dataset. */
  before?: string;
  do: [verb: string, ...args: string[]];
  status: number;
  state?: string;
  code?: string;
  /** The packages after a commit. Without it the jail has to be as before, byte for byte. */
  packages?: string[];
}

/** Points the jail at the repository with the newer versions. */
export const newer =
  'sed -i "s|$LAB_REPO_URL|$LAB_REPO_NEXT_URL|" "$1/usr/local/etc/pkg/repos/lab.conf"; touch -d @1700000000 "$1/usr/local/etc/pkg/repos/lab.conf"';

/** Plays one case on a jail that is as the lab made it. */
export async function play(lab: Lab, jail: JailUnderTest, row: Row): Promise<void> {
  if (row.installed) {
    const prepared = await jail.pkg('install', '-y', '--', ...row.installed);
    expect(await jail.packages(), prepared.stderr).toEqual(
      expect.arrayContaining(row.installed.map((name) => `${name}-1.0`)),
    );
  }
  if (row.before !== undefined) await lab.must(row.before, jail.root, jail.dataset);
  const before = await jail.manifest();
  const [verb, ...args] = row.do;
  const verdict = await jail.jtx(verb, ...args);
  const said = `${verdict.stdout}\n${verdict.stderr}`;
  expect({ status: verdict.status, state: verdict.state, code: verdict.code }, said).toEqual({
    status: row.status,
    state: row.state,
    code: row.code,
  });
  if (row.packages) expect(await jail.packages()).toEqual(row.packages);
  else expect(await jail.manifest()).toBe(before);
  await expectNothingLeft(lab, jail, row.packages !== undefined);
}

/** No devfs but a running jail's, no scratch directory, no throw-away jail, no hold, no clone; a snapshot only of a commit. */
export async function expectNothingLeft(
  lab: Lab,
  jail: JailUnderTest,
  committed: boolean,
  running = false,
): Promise<void> {
  const left = await lab.must(
    `[ "$3" = true ] || awk '{ print $5 }' /proc/self/mountinfo | grep -Fx "$1/dev" || true
     ls -A "$1" | grep '^\\.jtx-' || true
     jls -n name | grep 'name=jtx-' || true`,
    jail.root,
    jail.dataset,
    String(running),
  );
  expect(left).toBe('');
  const listed = await lab.must(
    'zfs list -H -r -t filesystem,snapshot -o name,userrefs "$1"',
    lab.environment['LAB_POOL'] ?? '',
  );
  const lines = listed.trim().split('\n');
  expect(lines.filter((line) => line.includes('.rehearsal-'))).toEqual([]);
  const own = new RegExp(`^${jail.dataset}(/[^@]*)?@jtx-`);
  const snapshots = lines.filter((line) => own.test(line));
  expect(snapshots.filter((line) => !line.endsWith('\t0'))).toEqual([]);
  expect(snapshots.length > 0).toBe(committed);
}
