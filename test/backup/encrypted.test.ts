import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

const passphrase = 'twelve or more';

describe('an encrypted jail', { timeout: deadline(240_000) }, () => {
  const lab = openForTests(new BackupLab());
  let place = '';
  beforeAll(async () => {
    if (lab.old) return;
    place = await lab.place('raw');
    await lab.targets({ disk: place, files: `${lab.directory}/files` });
    await lab.must(
      `mkdir "$LAB/files"
       printf '%s' "$1" | zfs create -o encryption=on -o keyformat=passphrase "$LAB_POOL/jails/secret"
       zfs create "$LAB_POOL/jails/secret/data"
       echo "in the clear, if anywhere" > "$LAB_JAILS/secret/data/file"
       printf 'secret {\\n path = %s/secret;\\n persist;\\n}\\n' "$LAB_JAILS" >> "$LAB/jail.conf"`,
      passphrase,
    );
  });

  it('leaves the host as it lies on its disks, night after night, and after a rollback', async (test) => {
    test.skip(lab.old, 'zfs-fuse encrypts nothing');
    const nights: { id: string; manifest: string }[] = [];
    const night = async (): Promise<void> => {
      const manifest = await lab.manifest('secret');
      const { status, results, stdout, stderr } = await lab.backup('secret');
      expect(status, stdout + stderr).toBe(0);
      nights.push({ id: results[0]?.point ?? '', manifest });
    };
    await night();
    await lab.must('echo more > "$LAB_JAILS/secret/data/more"; echo top > "$LAB_JAILS/secret/top"');
    await night();
    const keys = await lab.must('zfs get -H -o value keystatus "$1/secret" "$1/secret:data"', place);
    expect(keys).toBe('unavailable\nunavailable\n');
    expect((await lab.sh('zstdcat "$LAB"/files/*/*.zst | grep -c "in the clear"')).stdout.trim()).toBe('0');
    // Back to the first, with all that came after it gone: the copies fork, without their keys.
    await lab.must(
      `for s in $(zfs list -H -o name -t bookmark -r "$LAB_POOL/jails/secret"); do zfs destroy "$s"; done
       for d in "$LAB_POOL/jails/secret/data" "$LAB_POOL/jails/secret"; do zfs unmount "$d"; zfs rollback -r "$d@jtx-backup-$1"; done
       zfs mount "$LAB_POOL/jails/secret"; zfs mount "$LAB_POOL/jails/secret/data"
       echo other > "$LAB_JAILS/secret/data/other"`,
      nights[0]?.id ?? '',
    );
    await night();
    await lab.must('echo last > "$LAB_JAILS/secret/data/last"');
    await night();
    for (const target of ['disk', 'files'])
      for (const { id, manifest } of nights)
        expect(await lab.restored(target, 'secret', id, passphrase), `${target} ${id}`).toBe(manifest);
  });
});
