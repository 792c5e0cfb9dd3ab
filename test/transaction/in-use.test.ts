import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';

/** A zfs for which the root of the jail is busy until some seconds after it was first asked to unmount it. */
const holdFor = `
mkdir -p "$LAB/wrapped"; rm -f "$LAB/asked"; touch "$LAB/held"
cat > "$LAB/wrapped/zfs" <<END
#!/bin/sh
if [ "\\$1 \\$2" = "unmount $1" ] && [ -e "$LAB/held" ]; then
  touch "$LAB/asked"
  echo "cannot unmount '$1': pool or dataset is busy" >&2
  exit 1
fi
exec $(command -v zfs) "\\$@"
END
chmod 755 "$LAB/wrapped/zfs"
( while [ ! -e "$LAB/asked" ]; do sleep 0.2; done; sleep "$2"; rm -f "$LAB/held" "$LAB/dying" ) >/dev/null 2>&1 </dev/null &
`;

describe('the file systems of a jail that are in use', { timeout: deadline(240_000) }, () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  interface Told {
    status: number;
    state: unknown;
    code: unknown;
    said: string;
  }
  /** jtx, with that zfs. */
  const wrapped = async (...words: string[]): Promise<Told> => {
    const script = 'PATH="$LAB/wrapped:$PATH" exec jtx "$@"';
    const { status, stdout, stderr } = await lab.sh(script, ...words, '--json');
    const { transaction, error } = JSON.parse(stdout);
    return {
      status,
      state: transaction?.state,
      code: (transaction ?? { error }).error?.code,
      said: stdout + stderr,
    };
  };
  const runs = async (): Promise<boolean> => (await lab.must('jls -n name')).includes('name=web');
  const startJail = (): Promise<string> => lab.must('service jail onestart web');

  it('just after its stop are waited for by a rollback', async () => {
    await startJail();
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await lab.must(holdFor, jail.dataset, '5');
    const back = await wrapped('rollback', 'web');
    expect([back.status, back.state], back.said).toEqual([0, 'committed']);
    expect([await jail.packages(), await runs()]).toEqual([[], true]);
  });

  it('just after its stop are waited for by a live change that failed', async () => {
    await startJail();
    await lab.must(holdFor, jail.dataset, '5');
    const failed = await wrapped('install', 'web', 'postfail');
    expect([failed.status, failed.state], failed.said).toEqual([4, 'rolled-back']);
    expect([await jail.packages(), await runs()]).toEqual([[], true]);
  });

  it('are waited for while the kernel holds them for connections of the jail that was stopped', async () => {
    await startJail();
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await lab.must('echo "9 web $1" > "$LAB/dying"', jail.root);
    await lab.must(holdFor, jail.dataset, '15');
    const { status, stderr } = await lab.sh('PATH="$LAB/wrapped:$PATH" exec jtx rollback web');
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('the kernel still closes connections of the jail');
    expect([await jail.packages(), await runs()]).toEqual([[], true]);
  });
});
