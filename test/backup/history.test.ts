import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

interface Night {
  id: string;
  bytes: number;
  manifest: string;
}

describe('whatever became of what was there', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  let number = 0;
  let place = '';
  beforeAll(() => lab.must('head -c 3000000 /dev/urandom > "$LAB_JAILS/web/usr/local/www/big"'));
  beforeEach(async () => {
    number += 1;
    place = await lab.place(`place${number}`);
    await lab.must('hostname lab; rm -rf "$LAB/files"; mkdir "$LAB/files"');
    await lab.targets({ disk: place });
  });

  /** `offset`: by how many milliseconds the clock is wrong. */
  async function night(target = 'disk', offset = 0): Promise<Night> {
    await lab.must('echo "$1" > "$LAB_JAILS/web/usr/local/www/night"', String(Math.random()));
    const manifest = await lab.manifest('web');
    const { status, only, stdout, stderr } = await lab.backupAt(offset, 'web', '--target', target);
    expect([status, only.state], stdout + stderr).toEqual([0, 'sent']);
    return { id: only.point ?? '', bytes: only.bytes, manifest };
  }

  async function expectAll(nights: readonly Night[], target = 'disk'): Promise<void> {
    for (const { id, manifest } of nights) expect(await lab.restored(target, 'web', id)).toBe(manifest);
  }

  /** Destroys what jtx has left of backups in the jail, as another's tool would. */
  async function destroyInJail(types: string): Promise<void> {
    await lab.must(
      `for s in $(zfs list -H -o name -t $1 -r "$LAB_POOL/jails/web" | grep "[@#]jtx-"); do
         zfs release jtx-to-disk "$s" 2>/dev/null
         zfs destroy "$s" || exit 1
       done`,
      types,
    );
  }

  it('the journal is lost: the next is an increment all the same', async () => {
    const first = await night();
    await lab.must('rm -rf "$LAB/journal"');
    const second = await night();
    expect(second.bytes).toBeLessThan(first.bytes / 5);
    await expectAll([first, second]);
  });

  it.each([
    ['ran ahead', 86_400_000],
    ['was behind', -86_400_000],
  ])(
    'a clock %s for a night: the newest backup is what came last, and each is what it was',
    async (_, offset) => {
      const nights = [await night(), await night('disk', offset), await night()];
      // Of the child nothing is sent again.
      await lab.must('echo last > "$LAB_JAILS/web/etc/small"');
      const manifest = await lab.manifest('web');
      const { only } = await lab.backup('web');
      nights.push({ id: only.point ?? '', bytes: only.bytes, manifest });
      const ids = nights.map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted());
      await expectAll(nights);
      const plan = await lab.run(['jtx', 'restore', 'web', '--plan']);
      expect(plan.stdout).toContain(`backup ${only.point} of web`);
    },
  );

  it("the jail's snapshot was destroyed: the next is an increment from its bookmark", async (test) => {
    test.skip(lab.old, 'zfs-fuse has no bookmarks');
    await lab.targets({ disk: place, files: `${lab.directory}/files` });
    const nights = [await night('disk'), await night('files')];
    await destroyInJail('snapshot');
    nights.push(await night('disk'), await night('files'));
    expect(nights[2]?.bytes).toBeLessThan(1_000_000);
    expect(nights[3]?.bytes).toBeLessThan(1_000_000);
    await expectAll(nights.filter((_, at) => at % 2 === 0));
    await expectAll(
      nights.filter((_, at) => at % 2 === 1),
      'files',
    );
  });

  it('all of it was destroyed: a whole one takes its place, and the old one stays', async () => {
    const first = await night();
    await destroyInJail(lab.old ? 'snapshot' : 'snapshot,bookmark');
    const second = await night();
    expect(second.bytes).toBeGreaterThan(3_000_000);
    const third = await night();
    expect(third.bytes).toBeLessThan(1_000_000);
    await expectAll([first, second, third]);
  });

  it("another's snapshot is the newest on the target: it is refused, until that is gone", async () => {
    const first = await night();
    await lab.must('zfs snapshot "$1/web@theirs"', place);
    await lab.must('echo x > "$LAB_JAILS/web/etc/changed"');
    const { status, only } = await lab.backup('web');
    expect([status, only.message]).toEqual([
      5,
      expect.stringContaining('web@theirs, which jtx did not make, is newer'),
    ]);
    expect(await lab.must('zfs list -H -o name "$1/web@theirs"', place)).toBe(`${place}/web@theirs\n`);
    await lab.must('zfs destroy "$1/web@theirs"', place);
    await expectAll([first, await night()]);
  });

  it('a place under whose name something else lies is not touched', async () => {
    await lab.must('zfs create "$1/web" && zfs snapshot "$1/web@theirs"', place);
    const { status, only } = await lab.backup('web');
    expect([status, only.message]).toEqual([5, expect.stringContaining('is no backup of web')]);
    expect(await lab.must('zfs list -H -o name -t all -r "$1/web"', place)).toBe(
      `${place}/web\n${place}/web@theirs\n`,
    );
  });

  it('a jail of the same name on another host: neither is touched', async () => {
    await lab.targets({ disk: place, files: `${lab.directory}/files` });
    await lab.must('zfs create "$LAB_POOL/jails/web/child"');
    const nights = [await night('disk'), await night('files')];
    // One that only the other has, and that is the first to be sent.
    await lab.must(`
      hostname other
      for tag in disk files; do for s in $(zfs list -H -o name -t snapshot -r "$LAB_POOL/jails/web"); do
        zfs release jtx-to-$tag "$s" 2>/dev/null; done; done
      for s in $(zfs list -H -o name -t snapshot -r "$LAB_POOL/jails/web"); do zfs destroy "$s"; done
      [ "$LAB_ZFS" = fuse ] || for s in $(zfs list -H -o name -t bookmark -r "$LAB_POOL/jails/web"); do zfs destroy "$s"; done
      for i in $(seq 50); do zfs destroy -r "$LAB_POOL/jails/web/child" 2>/dev/null && break; sleep 0.1; done
      zfs create "$LAB_POOL/jails/web/yours"`);
    const look = 'zfs get -H -o name,value -r jtx:backup-of "$1"; ls "$LAB/files"; cat "$LAB"/files/*/*.json';
    const before = await lab.must(look, place);
    const { status, results } = await lab.backup('web');
    expect(status).toBe(5);
    for (const { message } of results) expect(message).toMatch(/backup that lab makes/);
    expect(await lab.must(look, place)).toBe(before);
    await lab.must('hostname lab');
    await expectAll(nights.slice(0, 1));
    await expectAll(nights.slice(1), 'files');
  });

  it('a fork that was cut off before its promotion is finished', async () => {
    const first = await night();
    const second = await night();
    const retired = `${place}/web.until-${second.id}`;
    await lab.must(
      `text=$(zfs get -H -o value jtx:backup-of "$1/web")
       zfs rename "$1/web" "$2" && zfs clone -o readonly=on -o canmount=noauto -o mountpoint=none \
         -o "jtx:backup-of=$text" "$2@jtx-backup-$3" "$1/web"`,
      place,
      retired,
      first.id,
    );
    const third = await night();
    expect(third.bytes).toBeLessThan(1_000_000);
    await expectAll([first, third]);
  });

  const named =
    'zfs list -H -o name,jtx:backup-of -t all -r "$1"; find "$LAB/files" -name "*.json" -exec cat {} +';

  /** The jail is restored on another host: from then on its states are that one's. Gives the transaction. */
  async function restoreElsewhere(...args: string[]): Promise<string> {
    await lab.must('hostname other');
    const { status, stdout, stderr } = await lab.run(['jtx', 'restore', 'web', '--json', ...args]);
    expect(status, stdout + stderr).toBe(0);
    return JSON.parse(stdout).transaction.id;
  }

  it.each(['disk', 'files'])(
    'a jail that was restored on another host while the first goes on: its copy is not touched, in %s',
    async (target) => {
      await lab.targets({ [target]: target === 'disk' ? place : `${lab.directory}/files` });
      await lab.must('zfs create "$LAB_POOL/jails/web/$1"; echo 1 > "$LAB_JAILS/web/$1/file"; sync', target);
      const nights = [await night(target), await night(target)];
      await restoreElsewhere('--at', nights[0]?.id ?? '');
      await lab.must('echo 2 > "$LAB_JAILS/web/$1/file"; sync', target);
      const before = await lab.must(named, place);
      const { status, only, stdout } = await lab.backup('web');
      expect([status, only.state], stdout).toEqual([5, 'failed']);
      expect(only.message).toMatch(/web is the backup that lab makes/);
      expect(await lab.must(named, place)).toBe(before);

      // The way out that is told.
      const [, until = ''] = /web to web(\.until-\w+), and each web:\*/.exec(only.message ?? '') ?? [];
      await lab.must(
        `for copy in $(zfs list -H -d 1 -o name -r "$1" | grep "^$1/web"); do zfs rename $copy $copy$2; done
         cd "$LAB/files" && for copy in web*; do [ ! -e $copy ] || mv $copy $copy$2; done`,
        place,
        until,
      );
      nights.push(await night(target));
      expect(nights[2]?.bytes).toBeGreaterThan(3_000_000);
      await lab.must('hostname lab');
      await expectAll(nights, target);
    },
  );

  it('a host that is lost: the jail is restored on another, which goes on there, and then the first cannot', async () => {
    const nights = [await night(), await night()];
    const restored = await restoreElsewhere();
    nights.push(await night());
    expect(nights[2]?.bytes).toBeLessThan(1_000_000);
    await expectAll(nights);
    await lab.must('hostname lab');
    const back = await lab.run(['jtx', 'rollback', 'web', restored]);
    expect(back.status, back.stdout + back.stderr).toBe(0);
    await lab.must('echo lab > "$LAB_JAILS/web/etc/night"; sync');
    const { status, only } = await lab.backup('web');
    expect([status, only.message]).toEqual([5, expect.stringContaining('that other makes')]);
    await expectAll(nights);
  });
});
