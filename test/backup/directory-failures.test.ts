import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DirectoryTarget } from '../../src/backup/directory-target.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { copy } from './some-copies.ts';
import { snapshot, stored } from './stored.ts';

it('a directory that goes while a backup runs is not made anew below its mount point', async () => {
  const top = join(temporaryDirectory(), 'nfs/web1');
  const target = new DirectoryTarget('nfs', top, { modern: true });
  const point = snapshot(1);
  const request = { source: stored([point]), snapshot: point.name, backup: '', name: 'web' };
  await expect(target.send({ ...request, description: copy('', []) })).rejects.toMatchObject({
    code: 'target-failed',
  });
  expect(existsSync(top)).toBe(false);
});
