import { beforeAll, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';

// What an old ZFS does not have: the tests of the other lab leave it out.
describe.runIf(process.env['JTX_LAB_ZFS'] === 'openzfs')('rollback on OpenZFS', () => {
  const lab = openForTests(new Lab());
  beforeAll(async () => {
    await lab.must(
      `echo 12345678 > "$LAB/key"
       zfs rename "$LAB_POOL/jails/web" "$LAB_POOL/plain"
       zfs create -o encryption=on -o keyformat=passphrase -o keylocation="file://$LAB/key" "$LAB_POOL/jails/web"
       cp -a "$LAB_BASE/." "$LAB_JAILS/web/"
       zfs create "$LAB_POOL/jails/web/www"; zfs create "$LAB_POOL/jails/web/data"
       echo kept > "$LAB_JAILS/web/data/file"`,
    );
  });
  const jail = jailForTests(lab, 'web');

  const value = async (property: string, dataset = jail.dataset): Promise<string> =>
    (await lab.must('zfs get -Hp -o value "$1" "$2"', property, dataset)).trim();
  const install = async (): Promise<void> => {
    const done = await jail.jtx('install', 'tiny');
    expect(done.status, done.stdout + done.stderr).toBe(0);
  };

  it('an encrypted jail stays one, goes back and comes back, its key at hand', async () => {
    await lab.must('zfs set jtx:rollback=off "$1/data"', jail.dataset);
    const before = await jail.manifest();
    await install();
    const installed = await jail.manifest();
    const back = await jail.jtx('rollback');
    expect(back.status, back.stdout + back.stderr).toBe(0);
    expect(await jail.manifest()).toBe(before);
    for (const member of [jail.dataset, `${jail.dataset}/www`, `${jail.dataset}/data`]) {
      expect(await value('encryptionroot', member)).toBe(jail.dataset);
      expect(await value('keystatus', member)).toBe('available');
    }
    const again = await jail.jtx('rollback', back.id ?? '');
    expect(again.status, again.stdout + again.stderr).toBe(0);
    expect(await jail.manifest()).toBe(installed);
    expect(await value('encryptionroot')).toBe(jail.dataset);
    await lab.must('zfs inherit jtx:rollback "$1/data"', jail.dataset);
  });

  it('an encrypted jail whose key only a person knows goes back, and that key is asked for', async () => {
    await install();
    const installed = await jail.manifest();
    await lab.must('zfs change-key -o keylocation=prompt "$1" < "$LAB/key"', jail.dataset);
    const load = 'zfs get -H -o value keystatus "$1" | grep -qx available || zfs load-key "$1" < "$LAB/key"';
    const back = await jail.jtx('rollback');
    expect([back.status, back.state], back.stdout).toEqual([0, 'committed']);
    expect(back.stdout).toContain(`zfs load-key ${jail.dataset}`);
    await lab.must(load, jail.dataset);
    expect(await jail.packages()).toEqual([]);
    const again = await jail.jtx('rollback', back.id ?? '');
    expect([again.status, again.state], again.stdout).toEqual([0, 'committed']);
    await lab.must(load, jail.dataset);
    expect(await jail.manifest()).toBe(installed);
    await lab.must('zfs change-key -o keylocation="file://$LAB/key" "$1" < "$LAB/key"', jail.dataset);
  });

  it('permissions that were delegated, quotas of users and all properties come through it', async () => {
    await lab.must(
      `zfs allow nobody mount,snapshot "$1"; zfs allow -e clone "$1/www"; zfs allow -c destroy "$1"
       zfs set userquota@nobody=10M "$1"; zfs set recordsize=16K "$1/www"; zfs set xattr=off "$1"`,
      jail.dataset,
    );
    const shown =
      'zfs allow "$1/www"; zfs get -Hp -s local,received -o name,property,value all "$1" "$1/www" | sort';
    const before = await lab.must(shown, jail.dataset);
    expect(before).toContain('nobody');
    await install();
    expect((await jail.jtx('rollback')).status).toBe(0);
    expect(await lab.must(shown, jail.dataset)).toBe(before);
    expect(await value('userquota@nobody')).toBe('10485760');
    await lab.must(
      'zfs unallow -r "$1"; zfs inherit xattr "$1"; zfs inherit recordsize "$1/www"',
      jail.dataset,
    );
  });

  it('a newer bookmark of others is not destroyed, and does not hinder', async () => {
    const before = await jail.manifest();
    await install();
    await lab.must(
      'zfs snapshot "$1@sent"; zfs bookmark "$1@sent" "$1#sent"; zfs destroy "$1@sent"',
      jail.dataset,
    );
    const back = await jail.jtx('rollback', '--discard');
    expect(back.status, back.stdout).toBe(0);
    expect(back.stdout).toContain('#sent');
    expect(await jail.manifest()).toBe(before);
    const marks = () => lab.must('zfs list -H -t bookmark -o name');
    expect(await marks()).toContain(`.aside-${back.id}#sent`);
    const kept = await lab.run(['jtx', 'aside', 'drop', back.id ?? '', '--json']);
    expect([kept.status, JSON.parse(kept.stdout).error.code], kept.stdout).toEqual([3, 'aside-foreign']);
    expect(kept.stdout).toContain('#sent');
    await lab.must('jtx aside drop "$1" --foreign', back.id ?? '');
    expect(await marks()).not.toContain('#sent');
  });

  it('a volume goes back with the rest, set aside though that was to be discarded, and one that is to stay stays', async () => {
    // Without udev its device is the one that has come.
    await lab.must(
      `ls -d /sys/block/zd* > "$LAB/others" 2>/dev/null
       zfs create -V 8M "$1/disk"; at=/dev/zvol/$1/disk
       [ -e $at ] || at=/dev/$(basename "$(ls -d /sys/block/zd* | grep -vxFf "$LAB/others")")
       ln -sfn $at "$LAB/disk"; zfs create -V 8M -o jtx:rollback=off "$1/kept"`,
      jail.dataset,
    );
    const write = (text: string): Promise<string> =>
      lab.must('echo "$1" | dd of="$LAB/disk" conv=fsync 2>/dev/null', text);
    const found = (text: string): Promise<string> =>
      lab.must(
        'zfs snapshot "$1/disk@look"; zfs send "$1/disk@look" | grep -ac "$2"; zfs destroy "$1/disk@look"',
        jail.dataset,
        text,
      );
    await write('as before');
    const kept = await value('guid', `${jail.dataset}/kept`);
    await install();
    await write('as since');
    const back = await jail.jtx('rollback', '--discard');
    expect([back.status, back.state], back.stdout).toEqual([0, 'committed']);
    expect(await found('as before')).toBe('1\n');
    expect(await value('guid', `${jail.dataset}/kept`)).toBe(kept);
    expect(back.stdout).toContain(`because ${jail.dataset}/disk is a volume`);
    expect((await jail.jtx('rollback', back.id ?? '')).status).toBe(0);
    expect(await found('as since')).toBe('1\n');
    expect(await value('guid', `${jail.dataset}/kept`)).toBe(kept);
  });

  it('in place goes back in one step', async () => {
    const before = await jail.manifest();
    await install();
    const back = await jail.jtx('rollback', '--discard');
    expect(back.status, back.stdout).toBe(0);
    expect(await jail.manifest()).toBe(before);
    const shown = await lab.run(['jtx', 'show', back.id ?? '', '--json']);
    const programs = JSON.parse(shown.stdout).transaction.commands.map(({ command }: { command: string[] }) =>
      command.slice(0, 2).join(' '),
    );
    expect(programs).toContain('zfs program');
    expect(programs).not.toContain('zfs rollback');
  });

  it('tells what the jail wrote since, less what the transaction wrote, and refuses for it', async () => {
    await install();
    expect((await jail.jtx('rollback', '--on-data', 'refuse', '--plan')).status).toBe(0);
    await lab.must(
      'mkdir -p "$1/var/db/service"; head -c 3000000 /dev/urandom > "$1/var/db/service/rows"; echo x > "$1/root/note"',
      jail.root,
    );
    const planned = await jail.jtx('rollback', '--plan');
    expect(planned.stdout).toContain('/var/db/service: 1 file, 2.9 MiB written since');
    expect(planned.stdout).toContain('/root: 1 file');
    expect(planned.stdout).not.toMatch(/usr\/local\/share|var\/db\/pkg/);
    const refused = await jail.jtx('rollback', '--on-data', 'refuse');
    expect([refused.status, refused.code]).toEqual([3, 'data-at-risk']);
    expect((await jail.jtx('rollback')).status).toBe(0);
  });

  it('jtx diff shows the packages and the files of a transaction', async () => {
    const done = await jail.jtx('install', 'tiny');
    const shown = JSON.parse((await lab.run(['jtx', 'diff', done.id ?? '', '--json'])).stdout);
    expect(shown.packages).toMatchObject([{ name: 'tiny', from: null, to: '1.0' }]);
    const paths = shown.files.map(({ path }: { path: string }) => path);
    expect(paths).toContain(`${jail.root}/usr/local/share/tiny/a.txt`);
  });
});
