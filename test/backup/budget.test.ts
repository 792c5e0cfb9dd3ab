import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

const jails = 20;
/** Processes of zfs and zpool whatever changes: the version, a sync, what is here, its properties, and what each target has. */
const always = 5;
/** For those that changed, together: what is here once they are locked, the snapshot, and what is here then. */
const once = 3;
/** For each dataset that changed: what its copy is, send, receive, what it is then; the bookmark, and the one before it. */
const each = 6;

/** Zfs and zpool that write down each of their runs. */
const counters = `
mkdir -p "$LAB/counting"
for program in zfs zpool; do
  printf '#!/bin/sh\\necho "%s $*" >> "%s/counted"\\nexec %s "$@"\\n' $program "$LAB" "$(command -v $program)" > "$LAB/counting/$program"
  chmod 755 "$LAB/counting/$program"
done
for i in $(seq ${jails}); do
  zfs create "$LAB_POOL/jails/small$i"; echo $i > "$LAB_JAILS/small$i/file"
  printf 'small%s {\\n path = %s/small%s;\\n persist;\\n}\\n' $i "$LAB_JAILS" $i
done > "$LAB/jail.conf"
`;

describe('the processes of a night', { timeout: deadline(240_000) }, () => {
  const lab = openForTests(new BackupLab());
  beforeAll(async () => {
    await lab.must(counters);
    await lab.targets({ disk: await lab.place('disk') });
  });

  async function counted(): Promise<{ runs: string[]; sent: number }> {
    await lab.must('rm -f "$LAB/counted"');
    const environment = { PATH: `${lab.directory}/counting:${lab.environment['PATH']}` };
    const { status, stdout } = await lab.run(['jtx', 'backup', '--json'], { environment });
    expect(status, stdout).toBe(0);
    const { backup }: { backup: { results: { state: string }[] } } = JSON.parse(stdout);
    const sent = backup.results.filter(({ state }) => state === 'sent').length;
    return { runs: (await lab.must('cat "$LAB/counted"')).trim().split('\n'), sent };
  }

  it(`of ${jails} jails grow with those that changed`, async (test) => {
    test.skip(lab.old, 'zfs-fuse does not tell what has changed');
    expect((await counted()).sent).toBe(jails);
    const still = await counted();
    expect(still.sent).toBe(0);
    expect(still.runs.length, still.runs.join('\n')).toBeLessThanOrEqual(always);
    for (const changed of [1, 2, 5]) {
      const script = 'for i in $(seq "$1"); do date +%N > "$LAB_JAILS/small$i/file"; done';
      await lab.must(script, String(changed));
      const { runs, sent } = await counted();
      expect(sent).toBe(changed);
      expect(runs.length, runs.join('\n')).toBeLessThanOrEqual(always + once + each * changed);
      const listed = runs
        .filter((run) => /^zfs get -Hp -r .*\/jails\/small/.test(run))
        .map((run) => run.split('/small').length - 1);
      expect(listed).toEqual([jails, changed, changed]);
    }
  });
});
