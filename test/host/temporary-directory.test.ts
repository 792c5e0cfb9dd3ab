import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { sweepTemporaryDirectories, withTemporaryDirectory } from '../../src/host/temporary-directory.ts';
import { temporaryDirectory } from '../journal/sample.ts';

afterEach(() => vi.unstubAllEnvs());

function own(): string {
  const directory = temporaryDirectory();
  vi.stubEnv('TMPDIR', directory);
  return directory;
}

test('it is there as long as it is used, and gone whatever comes of that', async () => {
  const all = own();
  const used = await withTemporaryDirectory((directory) => {
    writeFileSync(join(directory, 'a'), '');
    return directory;
  });
  expect([used.startsWith(`${all}/jtx-${process.pid}-`), existsSync(used)]).toEqual([true, false]);
  const failed = withTemporaryDirectory(() => {
    throw new RangeError('oops');
  });
  await expect(failed).rejects.toThrow('oops');
  expect(readdirSync(all)).toEqual([]);
});

test('what a process that was killed has left is swept, and nothing else', async () => {
  const elsewhere = join(temporaryDirectory(), 'kept');
  const all = own();
  const { pid } = spawnSync('true');
  writeFileSync(elsewhere, '');
  mkdirSync(join(all, `jtx-${pid}-dead00`, 'deep'), { recursive: true });
  symlinkSync(elsewhere, join(all, `jtx-${pid}-dead00`, 'link'));
  const others = [`jtx-${process.pid}-alive0`, `jtx-${pid}-dead001`, `jtx-lab.${pid}`];
  for (const name of others) mkdirSync(join(all, name));
  symlinkSync(join(elsewhere, '..'), join(all, `jtx-${pid}-link00`));
  writeFileSync(join(all, `jtx-${pid}-file00`), '');
  await withTemporaryDirectory((directory) => {
    const tomorrow = Date.now() + 25 * 3_600_000;
    sweepTemporaryDirectories(Date.now());
    expect(readdirSync(all)).toContain(`jtx-${pid}-dead00`);
    sweepTemporaryDirectories(tomorrow);
    const left = [...others, basename(directory), `jtx-${pid}-link00`, `jtx-${pid}-file00`];
    expect(readdirSync(all).sort()).toEqual(left.sort());
  });
  expect(existsSync(elsewhere)).toBe(true);
});
