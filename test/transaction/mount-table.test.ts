import { afterEach, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import type { Verdict } from '../lab/jail-under-test.ts';
import { Lab } from '../lab/open-lab.ts';

/** Which of the two mounts zfs(8) takes for its own when it unmounts is its affair: `only HERE NOT_THERE`. */
const only =
  'only() { mountpoint -q "$1" || /bin/mount --bind "$2" "$1"; ! mountpoint -q "$2" || /bin/umount "$2"; }\n';

/**
 * A dataset that was given to the jail, and that the jail has mounted: its property says where that is in the jail. On Linux
 * no zfs(8) mounts it there, so it is shown there before it is given away.
 */
const give = `${only}
zfs create -o canmount=noauto -o mountpoint="$LAB/data" "$1/data"
zfs mount "$1/data"; echo kept > "$LAB/data/file"; mkdir -p "$2/data"
/bin/mount --bind "$LAB/data" "$2/data"
zfs set zoned=on "$1/data"; zfs set canmount=on "$1/data"; only "$2/data" "$LAB/data"
`;

describe('a jail whose file systems are not mounted where their properties say', {
  timeout: deadline(240_000),
}, () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  const runs = async (): Promise<boolean> => (await lab.must('jls -n name')).includes('name=web');
  const jid = (): Promise<string> => lab.must('jls -n jid name | grep name=web');
  const startJail = (): Promise<string> => lab.must('service jail onestart web');
  const said = ({ status, state, code }: Verdict): unknown[] => [status, state, code];
  const value = async (property: string, path = ''): Promise<string> =>
    (await lab.must('zfs get -Hp -o value "$1" "$2"', property, jail.dataset + path)).trim();

  describe('because the jail has mounted one', () => {
    afterEach(() => lab.sh('umount "$2/data"; zfs set zoned=off "$1/data"', jail.dataset, jail.root));

    const shown = (): Promise<string> => lab.must('mount | grep " on $1/data " || true', jail.root);

    it('is set aside by a rollback, and comes back', async () => {
      await startJail();
      expect((await jail.jtx('install', 'tiny')).status).toBe(0);
      await lab.must(give, jail.dataset, jail.root);
      await lab.must('zfs snapshot -r "$1@others"', jail.dataset);
      expect(await shown()).not.toBe('');
      const back = await jail.jtx('rollback', `${jail.dataset}@others`);
      expect(said(back), back.stdout).toEqual([0, 'committed', undefined]);
      expect([await runs(), await shown()]).toEqual([true, '']);
      expect([await value('zoned', '/data'), await value('mountpoint', '/data')]).toEqual([
        'on',
        `${lab.directory}/data`,
      ]);
      const undone = await jail.jtx('rollback', back.id ?? '');
      expect(said(undone), undone.stdout).toEqual([0, 'committed', undefined]);
    });

    it('has no say in where its root lies, whatever it writes into a property', async () => {
      await startJail();
      await lab.must(give, jail.dataset, jail.root);
      await lab.must(
        `mkdir -p "$LAB/elsewhere"; zfs set x:y="$(printf '1\\n%s\\tmountpoint\\t%s' "$1" "$LAB/elsewhere")" "$1/data"
         zfs snapshot -r "$1@others"`,
        jail.dataset,
      );
      expect(await lab.must('zfs get -H -o name,property,value x:y "$1/data"', jail.dataset)).toContain(
        `\n${jail.dataset}\tmountpoint\t`,
      );
      const back = await jail.jtx('rollback', `${jail.dataset}@others`);
      expect(said(back), back.stdout).toEqual([0, 'committed', undefined]);
      expect([await value('mountpoint'), await runs()]).toEqual([jail.root, true]);
      expect(await lab.must('ls -A "$LAB/elsewhere"')).toBe('');
    });

    it('is set aside where a live change of it fails', async () => {
      await startJail();
      await lab.must(give, jail.dataset, jail.root);
      const failed = await jail.jtx('install', 'postfail');
      expect(said(failed).slice(0, 2), failed.stdout).toEqual([4, 'rolled-back']);
      expect([await jail.packages(), await runs(), await value('zoned', '/data')]).toEqual([[], true, 'on']);
    });

    it('goes back in place', async () => {
      await lab.must(give, jail.dataset, jail.root);
      const failed = await jail.jtx('install', 'postfail');
      expect(said(failed).slice(0, 2), failed.stdout).toEqual([4, 'rolled-back']);
      expect([await jail.packages(), await shown()]).toEqual([[], '']);
    });
  });

  it('because the host has a symlink on the way is changed while it runs, and set aside with what claims no place of it', async () => {
    await lab.must(
      'ln -sfn "$LAB_JAILS" "$LAB/link"; zfs unmount "$1/www"; zfs set mountpoint="$LAB/link/web" "$1"; zfs mount "$1/www"',
      jail.dataset,
    );
    try {
      await startJail();
      const installed = await jail.jtx('install', 'tiny');
      expect(said(installed), installed.stdout).toEqual([0, 'committed', undefined]);
      const back = await jail.jtx('rollback');
      expect(said(back), back.stdout).toEqual([0, 'committed', undefined]);
      expect([await jail.packages(), await runs()]).toEqual([[], true]);
      expect(await value('mountpoint')).toBe(`${lab.directory}/link/web`);
      expect(await value('mountpoint', `.aside-${back.id}`)).toBe(`${jail.root}.aside-${back.id}`);
    } finally {
      await lab.sh(
        'service jail onestop web; zfs unmount "$1/www"; zfs inherit mountpoint "$1"; zfs mount "$1/www"',
        jail.dataset,
      );
    }
  });

  describe('because fstab(5) mounts its root', () => {
    // As mount(8) of FreeBSD would.
    const asFstab = `${only}
      zfs unmount "$1/www"; zfs set mountpoint="$LAB/held" "$1"
      mkdir -p "$2"; /bin/mount --bind "$LAB/held" "$2"
      zfs set mountpoint=legacy "$1"; only "$2" "$LAB/held"; zfs mount "$1/www"`;
    const asZfs = `
      service jail onestop web >/dev/null 2>&1; umount "$2/dev" 2>/dev/null
      zfs unmount "$1/www"; umount "$2" 2>/dev/null || zfs unmount "$1"
      zfs inherit mountpoint "$1"; zfs mount "$1"; zfs mount "$1/www"; true`;
    afterEach(() => lab.sh(asZfs, jail.dataset, jail.root));

    it('is changed while it runs, and refused where it would have to be set aside, before it is stopped', async () => {
      await lab.must(asFstab, jail.dataset, jail.root);
      await startJail();
      const first = await jid();
      const refused = await jail.jtx('install', 'tiny');
      expect(said(refused), refused.stdout).toEqual([3, undefined, 'root-busy']);
      expect(refused.stdout).toContain(`zfs set mountpoint=${jail.root} ${jail.dataset}`);
      const planned = await jail.jtx('install', 'tiny', '--plan');
      expect(planned.status, planned.stdout).toBe(0);
      const installed = await jail.jtx('install', 'tiny', '--on-data', 'discard');
      expect(said(installed), installed.stdout).toEqual([0, 'committed', undefined]);
      const back = await jail.jtx('rollback');
      expect(said(back), back.stdout).toEqual([3, undefined, 'root-busy']);
      expect(await jid()).toBe(first);
      const failed = await jail.jtx('install', 'postfail', '--on-data', 'discard');
      expect(said(failed).slice(0, 2), failed.stdout).toEqual([4, 'rolled-back']);
      expect([await jail.packages(), await runs()]).toEqual([['tiny-1.0'], true]);
    });

    it('can be set aside once that was followed which the refusal says', async () => {
      await lab.must(asFstab, jail.dataset, jail.root);
      const installed = await jail.jtx('install', 'tiny');
      expect(said(installed), installed.stdout).toEqual([0, 'committed', undefined]);
      const refused = await jail.jtx('rollback');
      expect(said(refused)).toEqual([3, undefined, 'root-busy']);
      const { hint } = JSON.parse(refused.stdout).error;
      await lab.must(hint.slice(hint.indexOf('umount ')));
      const back = await jail.jtx('rollback');
      expect(said(back), back.stdout).toEqual([0, 'committed', undefined]);
      expect(await jail.packages()).toEqual([]);
    });
  });
});

describe('what a jail has left that ended by itself', { timeout: deadline(240_000) }, () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  const mounted = (): Promise<string> => lab.must('mount | grep " on $1/" | grep -v zfs || true', jail.root);
  /** A devfs, the fdescfs in it, and a procfs. */
  const leave = (): Promise<string> =>
    lab.must(
      `mkdir -p "$1/dev" "$1/proc"; mount -t devfs -o ruleset=4 devfs "$1/dev"
       [ -d "$1/dev/fd" ] && [ ! -L "$1/dev/fd" ] || { rm -f "$1/dev/fd"; mkdir "$1/dev/fd"; }
       mount -t fdescfs fdescfs "$1/dev/fd"; mount -t procfs procfs "$1/proc"`,
      jail.root,
    );
  const takeAway = 'for at in dev/fd dev proc; do umount "$1/$at" 2>/dev/null; done; true';
  afterEach(() => lab.must(takeAway, jail.root));

  it('is unmounted by a rollback', async () => {
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await leave();
    const back = await jail.jtx('rollback');
    expect([back.status, back.state], back.stdout).toEqual([0, 'committed']);
    expect([await jail.packages(), await mounted()]).toEqual([[], '']);
  });

  it('and is in use keeps it from being set aside, and nothing is stuck', async () => {
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await leave();
    await lab.must('( cd "$1/dev/fd"; exec sleep 611 </dev/null >/dev/null 2>&1 & )', jail.root);
    try {
      const back = await jail.jtx('rollback');
      expect([back.status, back.code], back.stdout).toEqual([3, 'root-busy']);
      expect(back.stdout).toContain(`fuser -c ${jail.root}/dev/fd`);
      expect((await lab.run(['jtx', 'recover'])).status).toBe(0);
    } finally {
      await lab.sh('pkill -fx "sleep 611"; while pgrep -fx "sleep 611"; do sleep 0.1; done');
    }
    const again = await jail.jtx('rollback');
    expect([again.status, again.state], again.stdout).toEqual([0, 'committed']);
  });
});
