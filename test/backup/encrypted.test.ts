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

describe('a jail that has its key from above it, where that is in a file', {
  timeout: deadline(240_000),
}, () => {
  const lab = openForTests(new BackupLab());
  const key = (): string => `file://${lab.directory}/key`;
  beforeAll(async () => {
    if (lab.old) return;
    await lab.targets({ disk: await lab.place('raw'), files: `${lab.directory}/files` });
    await lab.must(
      `mkdir "$LAB/files"; head -c 32 /dev/urandom > "$LAB/key"
       zfs create -o encryption=on -o keyformat=raw -o keylocation="$1" "$LAB_POOL/jails/vault"
       zfs create "$LAB_POOL/jails/vault/inner"; zfs create "$LAB_POOL/jails/vault/inner/data"
       cp -a "$LAB_BASE/." "$LAB_JAILS/vault/inner/"; echo first > "$LAB_JAILS/vault/inner/data/file"
       printf 'inner {\\n path = %s/vault/inner;\\n persist;\\n}\\n' "$LAB_JAILS" >> "$LAB/jail.conf"`,
      key(),
    );
  });

  async function succeed(...words: string[]): Promise<void> {
    const { status, stdout, stderr } = await lab.run(['jtx', ...words]);
    expect(status, stdout + stderr).toBe(0);
  }

  async function expectInPlace(manifest: string): Promise<void> {
    expect(await lab.manifest('vault/inner')).toBe(manifest);
    const shown =
      'zfs get -H -o value mounted,keystatus,keylocation -t filesystem -r "$LAB_POOL/jails/vault/inner"';
    const each = `yes\navailable\n${key()}\n`;
    expect(await lab.must(shown)).toBe(each + each);
  }

  it('is proved, and comes back, whole and in part', async (test) => {
    test.skip(lab.old, 'zfs-fuse encrypts nothing');
    const manifest = await lab.manifest('vault/inner');
    await succeed('backup', 'inner');
    await succeed('check-backup', 'inner');
    await lab.must('echo other > "$LAB_JAILS/vault/inner/data/file"');
    await succeed('restore', 'inner', '--from', 'disk', '--path', '/data/file');
    expect(await lab.must('cat "$LAB_JAILS/vault/inner/data/file"')).toBe('first\n');
    await lab.must('rm "$LAB_JAILS/vault/inner/data/file"');
    await succeed('restore', 'inner', '--from', 'files');
    await expectInPlace(manifest);
    await lab.must('echo more > "$LAB_JAILS/vault/inner/data/more"');
    await succeed('backup', 'inner');
    await succeed('check-backup', 'inner', '--target', 'disk');
  });

  it('waits for its key where the file is not there', async (test) => {
    test.skip(lab.old, 'zfs-fuse encrypts nothing');
    const manifest = await lab.manifest('vault/inner');
    await lab.must('mv "$LAB/key" "$LAB/elsewhere"');
    const { stdout, stderr } = await lab.run(['jtx', 'restore', 'inner']);
    expect(stdout + stderr).toContain(`cannot be mounted: its key cannot be loaded from ${key()}`);
    const top = `${lab.pool}/jails/vault/inner`;
    expect(stdout + stderr).toContain(`zfs load-key -L file://FILE ${top}`);
    await lab.must('zfs load-key -L "file://$LAB/elsewhere" "$1"', top);
    await lab.must('mv "$LAB/elsewhere" "$LAB/key"');
    await succeed('recover');
    await expectInPlace(manifest);
  });
});

describe('a jail that is not encrypted, and places that are', { timeout: deadline(240_000) }, () => {
  const lab = openForTests(new BackupLab());
  let encryption: string[] = [];
  beforeAll(async () => {
    if (lab.old) return;
    encryption = ['encryption=on', 'keyformat=passphrase', `keylocation=file://${lab.directory}/key`];
    // What a block of a small file compresses to lies within the pointer to it.
    await lab.must(
      `mkdir "$LAB/files"; printf '%s' "$1" > "$LAB/key"
       zfs create -o compression=on "$LAB_POOL/jails/plain"; zfs create "$LAB_POOL/jails/plain/data"
       small() { for i in $(seq 20); do head -c 2000 /dev/zero | tr '\\0' a > "$1/$i"; done; }
       small "$LAB_JAILS/plain"; small "$LAB_JAILS/plain/data"
       printf 'plain {\\n path = %s/plain;\\n persist;\\n}\\n' "$LAB_JAILS" >> "$LAB/jail.conf"`,
      passphrase,
    );
  });

  async function night(path?: string): Promise<{ id: string; manifest: string }> {
    await lab.must(
      'head -c 2000 /dev/zero | tr "\\0" b | tee "$LAB_JAILS/plain/$1" > "$LAB_JAILS/plain/data/$1"',
      String(Math.random()),
    );
    await lab.must('zpool sync; [ "$(zpool get -H -o value feature@embedded_data "$LAB_POOL")" = active ]');
    const manifest = await lab.manifest('plain');
    const environment = path === undefined ? {} : { PATH: `${path}:${lab.environment['PATH']}` };
    const { status, stdout, stderr } = await lab.run(['jtx', 'backup', 'plain', '--json'], { environment });
    expect(status, stdout + stderr).toBe(0);
    return { id: JSON.parse(stdout).backup.results[0].point, manifest };
  }

  async function expectAll(nights: readonly { id: string; manifest: string }[]): Promise<void> {
    for (const target of ['disk', 'files'])
      for (const { id, manifest } of nights)
        expect(await lab.restored(target, 'plain', id), `${target} ${id}`).toBe(manifest);
  }

  it('goes there and comes back, and needs no key of theirs here', async (test) => {
    test.skip(lab.old, 'zfs-fuse encrypts nothing');
    const place = await lab.place('locked', ...encryption.flatMap((one) => ['-o', one]));
    await lab.targets({ disk: place, files: `${lab.directory}/files` });
    const nights = [await night(), await night()];
    expect(await lab.must('zfs get -H -o value encryptionroot "$1/plain:data"', place)).toBe(`${place}\n`);
    await expectAll(nights);
    const checked = await lab.run(['jtx', 'check-backup', 'plain']);
    expect(checked.status, checked.stdout + checked.stderr).toBe(0);
    const manifest = nights.at(-1)?.manifest;
    for (const target of ['disk', 'files']) {
      const restored = await lab.run(['jtx', 'restore', 'plain', '--as', target, '--from', target]);
      expect(restored.status, restored.stdout + restored.stderr).toBe(0);
      expect(await lab.manifest(target)).toBe(manifest);
      expect(await lab.must('zfs get -H -o value encryption "$LAB_POOL/jails/$1/data"', target)).toBe(
        'off\n',
      );
    }
  });

  it('is restored below a root of jails that is encrypted', async (test) => {
    test.skip(lab.old, 'zfs-fuse encrypts nothing');
    await lab.targets({ disk: await lab.place('clear'), files: `${lab.directory}/files` });
    const { manifest } = await night();
    await lab.must(
      `options=(); for option; do options+=(-o "$option"); done
       zfs create "\${options[@]}" -o mountpoint="$LAB/vault" "$LAB_POOL/vault"
       sed -i "s|^jails_root = .*|jails_root = \\"$LAB/vault\\"|" "$LAB/jtx.toml"`,
      ...encryption,
    );
    for (const target of ['disk', 'files']) {
      const restored = await lab.run(['jtx', 'restore', 'plain', '--as', target, '--from', target]);
      expect(restored.status, restored.stdout + restored.stderr).toBe(0);
      expect(await lab.must('manifest "$LAB/vault/$1"', target)).toBe(manifest);
      expect(await lab.must('zfs get -H -o value encryptionroot "$LAB_POOL/vault/$1/data"', target)).toBe(
        `${lab.pool}/vault\n`,
      );
    }
  });

  it('goes on from what was sent raw', async (test) => {
    test.skip(lab.old, 'zfs-fuse encrypts nothing');
    await lab.must(
      `rm -rf "$LAB/files"/*; mkdir "$LAB/former"
       printf '#!/bin/bash\\nexec %s "\${@/-vPLc/-vPw}"\\n' "$(command -v zfs)" > "$LAB/former/zfs"
       chmod 755 "$LAB/former/zfs"`,
    );
    await lab.targets({ disk: await lab.place('former'), files: `${lab.directory}/files` });
    await expectAll([await night(`${lab.directory}/former`), await night(), await night()]);
  });
});
