import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DirectoryTarget } from '../../src/backup/directory-target.ts';
import { printManifest } from '../../src/backup/stream-manifest.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { copy } from './some-copies.ts';
import { snapshot, stored, ulid } from './stored.ts';

it('a directory that goes while a backup runs is not made anew below its mount point', async () => {
  const top = join(temporaryDirectory(), 'nfs/web1');
  const target = new DirectoryTarget('nfs', top, { modern: true });
  const point = snapshot(1);
  const request = { source: stored([point]), snapshot: point.name, backup: '', name: 'web', silence: 1000 };
  await expect(target.send({ ...request, description: copy('', []) })).rejects.toMatchObject({
    code: 'target-failed',
  });
  expect(existsSync(top)).toBe(false);
});

it('a stream that cannot be read is a failure like others', async () => {
  const top = temporaryDirectory();
  const directory = join(top, 'web');
  const backup = ulid(1);
  mkdirSync(join(directory, `${backup}.zfs.zst`), { recursive: true });
  const link = { backup, snapshot: snapshot(1).name, guid: '1', base: null, bytes: 1, sha256: '' };
  writeFileSync(join(directory, `${backup}.json`), printManifest(link));
  const target = new DirectoryTarget('nfs', top, { modern: true });
  const asked = target.streams(copy('', []), { snapshot: snapshot(1).name, guid: '1' });
  await expect(asked).rejects.toMatchObject({ code: 'target-failed' });
});
