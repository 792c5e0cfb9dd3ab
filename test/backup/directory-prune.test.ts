import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Copy, printDescription } from '../../src/backup/copy.ts';
import { DirectoryTarget } from '../../src/backup/directory-target.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { backupAt, copy } from './some-copies.ts';

const night = (number: number): string => backupAt(Date.UTC(2026, 4, number));

/** A directory with a copy of a jail: streams of these nights, each with the night that it builds upon. */
async function directoryWith(streams: Readonly<Record<number, number | undefined>>) {
  const top = temporaryDirectory();
  const directory = join(top, 'web');
  mkdirSync(directory);
  writeFileSync(join(directory, 'description.json'), printDescription(copy('', [])));
  for (const [number, base] of Object.entries(streams)) {
    const backup = night(Number(number));
    const on = base === undefined ? null : { backup: night(base), guid: night(base) };
    const manifest = {
      v: 1,
      backup,
      snapshot: `jtx-backup-${backup}`,
      guid: backup,
      base: on,
      bytes: 1,
      sha256: '',
    };
    writeFileSync(join(directory, `${backup}.json`), JSON.stringify(manifest));
    writeFileSync(join(directory, `${backup}.zfs.zst`), 'x');
  }
  const target = new DirectoryTarget('disk', top, { modern: true });
  const read = async (): Promise<Copy> => {
    const [found] = await target.list();
    if (!found) throw new Error('there is no copy');
    return found;
  };
  const pointsOf = async (...numbers: number[]) =>
    (await read()).points.filter(({ guid }) => numbers.some((number) => guid === night(number)));
  const files = (): string[] => readdirSync(directory).sort();
  return { directory, target, read, pointsOf, files };
}

describe('a directory that is pruned', () => {
  it('says what builds upon what', async () => {
    const { read } = await directoryWith({ 1: undefined, 2: 1 });
    expect((await read()).points.map(({ base }) => base)).toEqual([undefined, night(1)]);
  });

  it('loses stream and manifest of a backup', async () => {
    const { target, read, pointsOf, files } = await directoryWith({ 1: undefined, 2: undefined });
    expect(await target.destroy(await read(), await pointsOf(1))).toEqual([]);
    expect(files()).toEqual([`${night(2)}.json`, `${night(2)}.zfs.zst`, 'description.json']);
  });

  it('keeps what others build upon, and says so', async () => {
    const { target, read, pointsOf, files } = await directoryWith({ 1: undefined, 2: 1, 3: 2 });
    const refused = await target.destroy(await read(), await pointsOf(1, 3));
    expect(refused.map(({ point, why }) => [point.guid, why])).toEqual([[night(1), 'others build upon it']]);
    expect(files().filter((file) => file.endsWith('.zst'))).toEqual(
      [1, 2].map((at) => `${night(at)}.zfs.zst`),
    );
  });

  it('keeps everything where a manifest says nothing to this jtx', async () => {
    const { target, read, directory, pointsOf, files } = await directoryWith({ 1: undefined, 2: 1 });
    writeFileSync(join(directory, `${night(2)}.json`), '{"v":2}');
    const before = files();
    const refused = await target.destroy(await read(), await pointsOf(1));
    expect(refused.map(({ why }) => why)).toEqual([`${night(2)}.json may build upon it`]);
    expect(files()).toEqual(before);
  });

  it('is not looked at where a manifest cannot be read', async () => {
    const { target, directory } = await directoryWith({ 1: undefined, 2: 1 });
    rmSync(join(directory, `${night(2)}.json`));
    mkdirSync(join(directory, `${night(2)}.json`));
    await expect(target.list()).rejects.toMatchObject({ code: 'target-failed' });
  });

  it('loses what a crash has left, and nothing else', async () => {
    const { target, read, directory, files } = await directoryWith({ 1: undefined });
    for (const file of [`${night(2)}.zfs.zst`, `${night(3)}.json.part`, 'mine.part', 'notes'])
      writeFileSync(join(directory, file), 'x');
    await target.destroy(await read(), []);
    expect(files()).toEqual(
      [`${night(1)}.json`, `${night(1)}.zfs.zst`, 'description.json', 'mine.part', 'notes'].sort(),
    );
    expect((await read()).stays).toMatch(/there is (mine.part|notes)/);
  });

  it('goes itself where nothing is in it', async () => {
    const { target, read, directory, pointsOf } = await directoryWith({ 1: undefined });
    await target.destroy(await read(), await pointsOf(1));
    expect((await read()).stays).toBeUndefined();
    await target.drop(await read());
    expect(existsSync(directory)).toBe(false);
  });
});
