import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { until } from '../lab/own-repository.ts';

describe('what recovery cannot put right', { timeout: deadline(240_000) }, () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  const recover = async (...args: string[]) => {
    const { status, stdout } = await lab.run(['jtx', 'recover', '--json', ...args]);
    const { transactions, error } = JSON.parse(stdout);
    return { status, states: transactions?.map(({ state }: { state: string }) => state), code: error?.code };
  };

  /** Kills jtx while its command is at work; gives the transaction. */
  const cutOff = async (): Promise<string> => {
    await lab.must('(jtx run web -- sleep 613 >/dev/null 2>&1 &) ; true');
    await until(lab, 'pgrep -fx "sleep 613"');
    await lab.must(
      'pkill -9 -f "[j]tx.js run web"; pkill -fx "sleep 613"; while pgrep -f "[j]tx.js run web"; do sleep 0.1; done',
    );
    const { transactions } = JSON.parse((await lab.run(['jtx', 'history', '--json'])).stdout);
    return transactions[0].id;
  };

  it('is closed by a person, and the jail stays as it is, also when the journal is lost after it', async () => {
    const id = await cutOff();
    expect(await recover('--leave', id)).toMatchObject({ status: 3, code: 'not-recovered' });
    await lab.must('zfs release jtx "$1"; zfs destroy "$1"', `${jail.dataset}/www@jtx-${id}`);
    expect(await recover()).toMatchObject({ status: 5, states: ['stuck'] });
    expect((await jail.jtx('install', 'tiny')).code).toBe('jail-stuck');
    await lab.must('echo mended > "$1/root/mended"; umount "$1/dev"', jail.root);
    const mended = await jail.manifest();

    expect(await recover('--leave', id)).toMatchObject({ status: 0, states: ['stuck'] });
    expect(await jail.manifest()).toBe(mended);
    expect(
      (await lab.run(['zfs', 'get', '-H', '-o', 'value', 'userrefs', `${jail.dataset}@jtx-${id}`])).stdout,
    ).toBe('0\n');
    expect(await recover()).toEqual({ status: 0, states: [], code: undefined });
    expect(await recover('--leave', id)).toMatchObject({ status: 3, code: 'nothing-left' });
    expect((await lab.run(['jtx', 'history'])).stdout).toContain('stuck, left as it is');
    expect((await lab.run(['jtx', 'status', '--check'])).status).toBe(0);

    await lab.must('rm -rf "$LAB/journal"');
    expect(await recover('--rebuild')).toEqual({ status: 0, states: [], code: undefined });
    expect((await lab.run(['jtx', 'history'])).stdout).toContain('stuck, left as it is');
    expect((await jail.jtx('install', 'tiny')).state).toBe('committed');
    expect(await lab.must('cat "$1/root/mended"', jail.root)).toBe('mended\n');
  });

  it('of a rollback leaves the snapshot alone to which it was to go back', async () => {
    await lab.must('zfs snapshot -r "$1@theirs"', jail.dataset);
    const back = await jail.jtx('rollback', '@theirs');
    expect(back.state, back.stdout).toBe('committed');
    await lab.must(
      `node -e 'const D=require(process.env.LAB_TOP+"/node_modules/better-sqlite3");new D(process.env.JTX_JOURNAL).exec(process.argv[1])' "$1"`,
      "UPDATE transactions SET state = 'stuck', settled = 0",
    );
    expect(await recover('--leave', back.id ?? '')).toMatchObject({ status: 0 });
    expect(await lab.must('zfs get -H -o value jtx:state "$1@theirs"', jail.dataset)).toBe('-\n');
  });

  /** A change that is refused, and whose snapshot somebody else holds before it can go; gives the transaction. */
  const refusedAndHeld = async (): Promise<string> => {
    await lab.must(
      `mkdir -p "$LAB/wrapped"
       printf '#!/bin/sh\\n[ "$1" != release ] || %s hold theirs "$4"\\nexec %s "$@"\\n' "$(command -v zfs)" "$(command -v zfs)" > "$LAB/wrapped/zfs"
       chmod 755 "$LAB/wrapped/zfs"`,
    );
    const refused = await lab.sh('PATH="$LAB/wrapped:$PATH" jtx install web no-such-package --json');
    const { transaction } = JSON.parse(refused.stdout);
    expect([transaction.state, transaction.warnings.length]).toEqual(['refused', 1]);
    return transaction.id;
  };

  it('nor end, as another holds the snapshot of what was refused, does not go back once the journal is lost', async () => {
    const id = await refusedAndHeld();
    await lab.must('echo since > "$1/root/since"', jail.root);
    const now = await jail.manifest();
    try {
      await lab.must('cp -R "$LAB/journal" "$LAB/journal.kept"; rm -rf "$LAB/journal"');
      expect(await recover('--rebuild')).toEqual({ status: 0, states: [], code: undefined });
      expect(await jail.manifest()).toBe(now);

      await lab.must('rm -rf "$LAB/journal"; mv "$LAB/journal.kept" "$LAB/journal"');
      expect(await recover('--leave', id)).toMatchObject({ status: 0, states: ['refused'] });
      await lab.must('rm -rf "$LAB/journal"');
      expect(await recover('--rebuild')).toEqual({ status: 0, states: [], code: undefined });
      expect(await jail.manifest()).toBe(now);
    } finally {
      await lab.sh('zfs release theirs "$1@jtx-$2"', jail.dataset, id);
    }
  });

  it('is closed too where it was cut off between two names: no hold is left', async () => {
    const id = await cutOff();
    // An old ZFS knows the time of a change to the second.
    await lab.must('sleep 1; echo since > "$1/root/since"', jail.root);
    await lab.must(
      `mkdir -p "$LAB/wrapped"
       printf '#!/bin/sh\\n[ "$1" != promote ] || exit 1\\nexec %s "$@"\\n' "$(command -v zfs)" > "$LAB/wrapped/zfs"
       chmod 755 "$LAB/wrapped/zfs"`,
    );
    const recovered = await lab.sh('PATH="$LAB/wrapped:$PATH" jtx recover');
    expect(recovered.status, recovered.stdout + recovered.stderr).toBe(5);
    expect(await recover('--leave', id)).toMatchObject({ status: 0, states: ['stuck'] });
    const held = await lab.must(
      'zfs list -H -r -t snapshot -o name,userrefs "$LAB_POOL" | grep "@jtx-" | grep -v "0$" || true',
    );
    expect(held).toBe('');
    await lab.must('zfs promote "$1" && zfs promote "$1/www"', jail.dataset);
  });

  it('of a jail that has been destroyed meanwhile, is closed too', async () => {
    const id = await cutOff();
    await lab.must(
      'umount "$1/dev"; zfs release -r jtx "$2@jtx-$3"; for tried in 1 2 3 4 5 6 7 8 9; do zfs destroy -r "$2" && break; sleep 0.2; done',
      jail.root,
      jail.dataset,
      id,
    );
    expect(await recover()).toMatchObject({ status: 5, states: ['stuck'] });
    expect((await lab.run(['jtx', 'recover', '--leave', 'none'])).status).toBe(3);
    const left = await lab.run(['jtx', 'recover', '--leave', id]);
    expect([left.status, left.stdout]).toEqual([0, expect.stringContaining('web is left as it is')]);
    expect(await recover()).toEqual({ status: 0, states: [], code: undefined });
  });
});
