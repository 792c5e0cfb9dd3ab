import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

describe('a directory with backups', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  beforeAll(async () => {
    await lab.targets({ files: `${lab.directory}/files` });
  });
  beforeEach(async () => {
    await lab.must('rm -rf "$LAB/files"; mkdir "$LAB/files"');
  });

  async function nights(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let night = 0; night < count; night += 1) {
      await lab.must('echo "$1" > "$LAB_JAILS/web/etc/night"', String(Math.random()));
      const { status, only, stdout } = await lab.backup('web');
      expect([status, only.state], stdout).toEqual([0, 'sent']);
      ids.push(only.point ?? '');
    }
    return ids;
  }

  const expectBroken = (id: string): Promise<void> =>
    expect(lab.restored('files', 'web', id)).rejects.toThrow(
      /JtxError: .*(its sum is another|is gone|lacks a stream)/,
    );

  it.each([
    [
      'a flipped bit',
      'printf "\\\\377" | dd of="$1" bs=1 seek=$(($(stat -c %s "$1") / 2)) conv=notrunc 2>/dev/null',
    ],
    ['a truncated stream', 'truncate -s -1 "$1"'],
    ['a longer one', 'echo x >> "$1"'],
    ['an empty one', ': > "$1"'],
    ['a missing one', 'rm "$1"'],
  ])('%s is found, in it and in all that build upon it', async (_what, harm) => {
    const [first = '', second = '', third = ''] = await nights(3);
    await lab.must(harm, `${lab.directory}/files/web/${second}.zfs.zst`);
    await expectBroken(second);
    await expectBroken(third);
    await expect(lab.restored('files', 'web', first)).resolves.toContain('"etc/night"');
  });

  it('without the manifest of a base what builds upon it is broken, and the next is whole', async () => {
    const [first = '', second = ''] = await nights(2);
    await lab.must('rm "$LAB/files/web/$1.json"', first);
    await expectBroken(second);
    const manifest = await lab.manifest('web');
    const [third = ''] = await nights(1);
    await lab.must('rm "$LAB_JAILS/web/etc/night"');
    expect(await lab.restored('files', 'web', third)).toContain('"etc/night"');
    expect(manifest).toContain('"etc/night"');
    const [, link] = (await lab.must('cat "$LAB/files/web/$1.json"', third)).split('"base":');
    expect(link).toMatch(/^null/);
  });

  it('where a stream is gone nothing is built upon it, and the target does not count as having the jail', async () => {
    const [first = ''] = await nights(2);
    await lab.must('rm "$LAB/files/web/$1.zfs.zst"', first);
    const { status, only, stdout } = await lab.backup('web');
    expect([status, only.state], stdout).toEqual([0, 'sent']);
    expect(await lab.restored('files', 'web', only.point ?? '')).toContain('"etc/night"');
  });

  it('what was cut off is cleared away by the next, and nothing else', async () => {
    const [first = ''] = await nights(1);
    await lab.must(`
      cd "$LAB/files/web"
      touch 01ARZ3NDEKTSV4RRFFQ69G5FAV.zfs.zst.part 01ARZ3NDEKTSV4RRFFQ69G5FAW.zfs.zst description.json.part
      touch notes.txt; echo '{"v":2}' > 01ARZ3NDEKTSV4RRFFQ69G5FAX.json; touch 01ARZ3NDEKTSV4RRFFQ69G5FAX.zfs.zst`);
    const [second = ''] = await nights(1);
    expect((await lab.must('ls "$LAB/files/web"')).trim().split('\n')).toEqual([
      '01ARZ3NDEKTSV4RRFFQ69G5FAX.json',
      '01ARZ3NDEKTSV4RRFFQ69G5FAX.zfs.zst',
      ...[first, second].flatMap((id) => [`${id}.json`, `${id}.zfs.zst`]),
      'description.json',
      'notes.txt',
    ]);
  });

  it('what is no copy beside the copies is left alone, and fails nothing', async () => {
    await lab.must('mkdir -p "$LAB/files/others/description.json"');
    const { status, only, stdout } = await lab.backup('web');
    expect([status, only.state], stdout).toEqual([0, 'sent']);
    await lab.must('rmdir "$LAB/files/others/description.json" "$LAB/files/others"');
  });

  it('is readable by its owner alone', async () => {
    await nights(1);
    expect(await lab.must('find "$LAB/files" -mindepth 1 -perm /077')).toBe('');
  });

  it('a directory that cannot be written fails, and does not stop the others', async () => {
    await lab.targets({ files: `${lab.directory}/files`, disk: await lab.place('beside') });
    await lab.must('/bin/mount -t tmpfs -o ro tmpfs "$LAB/files"');
    const { status, results } = await lab.backup('web');
    await lab.must('/bin/umount "$LAB/files"');
    expect(status).toBe(5);
    expect(results.map(({ target, state }) => `${target} ${state}`).sort()).toEqual([
      'disk sent',
      'files failed',
    ]);
    expect(results.find(({ target }) => target === 'files')?.message).toMatch(/EROFS|ENOENT/);
  });
});
