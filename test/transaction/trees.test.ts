import { afterEach, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import type { Verdict } from '../lab/jail-under-test.ts';
import { Lab } from '../lab/open-lab.ts';
import { expectNothingLeft } from './rows.ts';

const delegating = process.platform === 'freebsd' ? 'jailed' : 'zoned';

describe('a tree with children of every kind is set aside, and comes back', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  afterEach(() =>
    lab.must('zfs inherit mountpoint "$1"; zfs set refquota=none "$1/www"; zfs mount -a', jail.dataset),
  );

  const value = async (property: string, path: string): Promise<string> =>
    (await lab.must('zfs get -Hp -o value "$1" "$2"', property, jail.dataset + path)).trim();
  const expectCommitted = ({ status, state, stdout, stderr }: Verdict): void =>
    expect([status, state], stdout + stderr).toEqual([0, 'committed']);
  const install = async (...names: string[]): Promise<string> => {
    const done = await jail.jtx('install', ...names);
    expectCommitted(done);
    return done.id ?? '';
  };
  /** What is newer than all snapshots of jtx and belongs to others keeps the tree from going back in place. */
  const block = (): Promise<string> => lab.must('zfs snapshot -r "$1@others"', jail.dataset);

  /** Installs, goes back, and undoes that; `look` is at the jail as it went back. */
  const thereAndBack = async (look: (rollback: string) => Promise<void>): Promise<void> => {
    const before = await jail.manifest();
    await install('tiny');
    const installed = await jail.manifest();
    await block();
    const back = await jail.jtx('rollback');
    expectCommitted(back);
    expect(await jail.manifest()).toBe(before);
    await look(back.id ?? '');
    expectCommitted(await jail.jtx('rollback', back.id ?? ''));
    expect(await jail.manifest()).toBe(installed);
  };

  it('that were given to the jail', async () => {
    await lab.must(
      `zfs create -o canmount=noauto -o mountpoint="$LAB/given" "$1/given"
       zfs mount "$1/given"; echo kept > "$LAB/given/file"; zfs unmount "$1/given"
       zfs create -o canmount=noauto -o mountpoint="$LAB/deep" "$1/given/deep"
       zfs set "$2=on" "$1/given"; zfs set canmount=on "$1/given"; zfs set canmount=on "$1/given/deep"`,
      jail.dataset,
      delegating,
    );
    const expectGiven = async (): Promise<void> => {
      expect(await value(delegating, '/given')).toBe('on');
      expect(await value('mountpoint', '/given')).toBe(`${lab.directory}/given`);
      expect(await value('mountpoint', '/given/deep')).toBe(`${lab.directory}/deep`);
      for (const path of ['/given', '/given/deep']) {
        expect(await value('canmount', path)).toBe('on');
        expect(await value('mounted', path)).toBe('no');
        expect(await value('jtx:delegated', path)).toBe('-');
      }
    };
    await thereAndBack(async (back) => {
      await expectGiven();
      const left = `.aside-${back}/given`;
      expect(await value(delegating, left)).toBe('off');
      expect([await value('canmount', left), await value('mountpoint', left)]).toEqual(['noauto', 'none']);
    });
    await expectGiven();
    await expectNothingLeft(lab, jail, true);
    const kept = await lab.must(
      `zfs set canmount=noauto "$1/given"; zfs set canmount=noauto "$1/given/deep"; zfs set "$2=off" "$1/given"
       zfs mount "$1/given"; cat "$LAB/given/file"; zfs unmount "$1/given"`,
      jail.dataset,
      delegating,
    );
    expect(kept).toBe('kept\n');
  });

  it('that have no place', async () => {
    await lab.must('zfs create -o mountpoint=none "$1/holder"; zfs create "$1/holder/x"', jail.dataset);
    await thereAndBack(async () => {});
    expect(await value('mountpoint', '/holder/x')).toBe('none');
  });

  it('that get their place from above, none of which is mounted then', async () => {
    await lab.must('zfs set mountpoint="$2" "$1"; zfs create "$1/inner"', jail.dataset, jail.root);
    await install('tiny');
    await block();
    const back = await jail.jtx('rollback');
    expectCommitted(back);
    const mounted = await lab.must('zfs list -H -r -o mounted "$1.aside-$2"', jail.dataset, back.id ?? '');
    expect(new Set(mounted.trim().split('\n'))).toEqual(new Set(['no']));
    expect(await value('mounted', '/inner')).toBe('yes');
  });

  it('whose limit is lower by now than what they were', async () => {
    await lab.must('head -c 20M /dev/urandom > "$1/usr/local/www/large"', jail.root);
    const before = await jail.manifest();
    await install('tiny');
    await block();
    await lab.must('rm "$2/usr/local/www/large"; zfs set refquota=none "$1"', jail.dataset, jail.root);
    // What was freed shows a moment later.
    await lab.must(
      'for _ in $(seq 100); do zfs set refquota=10M "$1/www" 2>/dev/null && exit; sleep 0.1; done; exit 1',
      jail.dataset,
    );
    const back = await jail.jtx('rollback');
    expectCommitted(back);
    expect(await jail.manifest()).toBe(before);
  });

  it('one of which lies in a third tree', async () => {
    const first = await install('tiny');
    await lab.must('zfs snapshot "$1@top"', jail.dataset);
    const away = await jail.jtx('rollback', `${jail.dataset}@top`);
    expectCommitted(away);
    const back = await jail.jtx('rollback', first);
    expectCommitted(back);
    expect(await jail.packages()).toEqual([]);
    expect(await value('mounted', '/www')).toBe('yes');
    expect(await value('readonly', '/www')).toBe('off');
    expect(await lab.must('cat "$1/usr/local/www/first"', jail.root)).toBe('of web\n');
  });
});
