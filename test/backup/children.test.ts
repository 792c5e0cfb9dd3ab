import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

describe('the datasets of a jail come and go', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  beforeAll(() => lab.must('mkdir "$LAB/files"'));

  /** Backs web up; gives the backup in which it is, and the jail's manifest from just before. */
  async function night(): Promise<{ id: string; manifest: string }> {
    const manifest = await lab.manifest('web');
    const { results, status, stdout, stderr } = await lab.backup('web');
    expect(status, stdout + stderr).toBe(0);
    return { id: results[0]?.point ?? '', manifest };
  }

  /** Destroys a child of web. Where there are no bookmarks the bases of the next increments are held. */
  async function destroyChild(path: string): Promise<void> {
    const script = `
      for snapshot in $(zfs list -H -o name -t snapshot -r "$1"); do
        for tag in jtx-to-disk jtx-to-files; do zfs release $tag "$snapshot" 2>/dev/null; done
      done
      for i in $(seq 50); do zfs destroy -r "$1" 2>/dev/null && exit; sleep 0.1; done
      zfs destroy -r "$1"`;
    await lab.must(script, `${lab.pool}/jails/web/${path}`);
  }

  async function expectAll(nights: readonly { id: string; manifest: string }[]): Promise<void> {
    for (const target of ['disk', 'files'])
      for (const { id, manifest } of nights) expect(await lab.restored(target, 'web', id)).toBe(manifest);
  }

  it('made, destroyed, made anew under the same name, destroyed again', async () => {
    await lab.targets({ disk: await lab.place('came'), files: `${lab.directory}/files` });
    const nights = [await night()];
    await lab.must('zfs create "$LAB_POOL/jails/web/extra"; echo 1 > "$LAB_JAILS/web/extra/one"');
    nights.push(await night());
    await destroyChild('extra');
    nights.push(await night());
    await lab.must('zfs create "$LAB_POOL/jails/web/extra"; echo 2 > "$LAB_JAILS/web/extra/two"');
    nights.push(await night());
    // Made anew between two backups.
    await destroyChild('extra');
    await lab.must('zfs create "$LAB_POOL/jails/web/extra"; echo 3 > "$LAB_JAILS/web/extra/three"');
    nights.push(await night());
    await destroyChild('extra');
    nights.push(await night());
    await expectAll(nights);
  });

  it('marked off for a time', async () => {
    await lab.targets({ disk: await lab.place('marked'), files: `${lab.directory}/files` });
    const first = await night();
    await lab.must('zfs set jtx:backup=off "$LAB_POOL/jails/web/www"');
    const without = await lab.backup('web');
    await lab.must('zfs inherit jtx:backup "$LAB_POOL/jails/web/www"');
    const third = await night();
    await expectAll([first, third]);
    for (const target of ['disk', 'files'])
      expect(await lab.restored(target, 'web', without.id)).not.toContain('"usr/local/www/first"');
    expect((await lab.must('zfs list -H -o name -r "$1"', `${lab.pool}/marked`)).trim().split('\n')).toEqual([
      `${lab.pool}/marked`,
      `${lab.pool}/marked/web`,
      `${lab.pool}/marked/web:www`,
    ]);
  });

  it('below one that is marked off', async () => {
    await lab.targets({ disk: await lab.place('below'), files: `${lab.directory}/files` });
    await lab.must(`
      zfs set jtx:backup=off "$LAB_POOL/jails/web/www"
      zfs create -o jtx:backup=on "$LAB_POOL/jails/web/www/deep"
      echo deep > "$LAB_JAILS/web/usr/local/www/deep/file"`);
    expect(await lab.backup('web')).toMatchObject({ status: 0 });
    const checked = await lab.run(['jtx', 'check-backup', 'web']);
    expect(checked, checked.stdout + checked.stderr).toMatchObject({ status: 0 });
    for (const target of ['disk', 'files']) {
      const beside = `web-${target}`;
      const restored = await lab.run(['jtx', 'restore', 'web', '--from', target, '--as', beside]);
      expect(restored, restored.stderr).toMatchObject({ status: 0 });
      const file = 'cat "$LAB_JAILS/$1/usr/local/www/deep/file"';
      expect(await lab.must(file, beside)).toBe('deep\n');
    }
    await destroyChild('www/deep');
    await lab.must('zfs inherit jtx:backup "$LAB_POOL/jails/web/www"');
  });

  it('a volume', async (test) => {
    test.skip(lab.old, 'zfs-fuse has no volumes here');
    const place = await lab.place('volumes');
    await lab.targets({ disk: place, files: `${lab.directory}/files` });
    const make =
      'zfs create -V 8M "$LAB_POOL/jails/web/vol"; echo block | dd of=/dev/zvol/"$LAB_POOL"/jails/web/vol conv=fsync 2>/dev/null || true';
    await lab.must(make);
    const one = await night();
    const two = await night();
    const types = await lab.must('zfs get -H -o value type,readonly "$1/web:vol"', place);
    expect(types.trim().split('\n')).toEqual(['volume', 'on']);
    const guids = await lab.must(
      'zfs get -H -o value guid "$1/web:vol@jtx-backup-$2" "$LAB_POOL/jails/web/vol@jtx-backup-$2"',
      place,
      one.id,
    );
    expect(new Set(guids.trim().split('\n')).size).toBe(1);
    // Made anew: what there is of it goes out of the way.
    await lab.must(`zfs destroy -r "$LAB_POOL/jails/web/vol"; ${make}`);
    const three = await night();
    expect(await lab.must('zfs list -H -o name -r -t volume "$1"', place)).toBe(
      `${place}/web:vol\n${place}/web:vol.until-${three.id}\n`,
    );
    await expectAll([one, two, three]);
  });
});
