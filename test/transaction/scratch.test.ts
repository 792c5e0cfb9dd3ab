import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { makeScratch, removeScratch } from '../../src/transaction/scratch.ts';
import { temporaryDirectory } from '../host/temporary.ts';

/** What a jail does as soon as a directory is there. */
let jailSees: ((directory: string) => void) | undefined;

vi.mock('node:fs', async (load: () => Promise<typeof import('node:fs')>) => {
  const real = await load();
  return {
    ...real,
    mkdirSync(directory: string, options: { mode: number }) {
      const made = real.mkdirSync(directory, options);
      jailSees?.(directory);
      return made;
    },
  };
});

afterEach(() => {
  jailSees = undefined;
});

function asked(): { pkgConfig: string; repoConfDir: string } {
  const directory = temporaryDirectory();
  for (const name of ['own.conf', 'other.txt']) writeFileSync(join(directory, name), 'own');
  return { pkgConfig: join(directory, 'own.conf'), repoConfDir: directory };
}

test('the files of a person are copied, and nothing of them stays', () => {
  const root = temporaryDirectory();
  makeScratch(root, '/.jtx-1', asked());
  expect(readdirSync(join(root, '.jtx-1'), { recursive: true }).sort()).toEqual([
    'pkg.conf',
    'repos',
    'repos/own.conf',
  ]);
  expect(removeScratch(root, '/.jtx-1')).toEqual([]);
  expect(readdirSync(root)).toEqual([]);
  expect(removeScratch(root, '/.jtx-1')).toEqual([]);
  expect(removeScratch(join(root, 'gone'), '/.jtx-1')).toEqual([]);
});

test('without them there is a configuration that says nothing', () => {
  const root = temporaryDirectory();
  makeScratch(root, '/.jtx-1', { pkgConfig: undefined, repoConfDir: undefined });
  expect(readFileSync(join(root, '.jtx-1/pkg.conf'), 'utf8')).toBe('');
});

test.each(['pkg.conf', 'own.conf'])(
  'a link %s that is there as soon as its directory is leads nowhere',
  (name) => {
    const [root, outside] = [temporaryDirectory(), temporaryDirectory()];
    writeFileSync(join(outside, name), 'host');
    jailSees = (directory) => symlinkSync(join(outside, name), join(directory, name));
    for (const files of [asked(), { ...asked(), pkgConfig: undefined }])
      expect(() => makeScratch(root, '/.jtx-1', files)).toThrow(
        expect.objectContaining({ code: 'root-unsafe' }),
      );
    expect(readFileSync(join(outside, name), 'utf8')).toBe('host');
  },
);

test.each(['.jtx-1', 'repos'])(
  'a link that takes the place of %s as soon as it is there leads nowhere',
  (name) => {
    const [root, outside] = [temporaryDirectory(), temporaryDirectory()];
    jailSees = (directory) => {
      if (basename(directory) !== name) return;
      renameSync(directory, `${directory}.was`);
      symlinkSync(outside, directory);
    };
    expect(() => makeScratch(root, '/.jtx-1', asked())).toThrow(
      expect.objectContaining({ code: 'root-unsafe' }),
    );
    expect(readdirSync(outside)).toEqual([]);
  },
);

test('what a jail has put into it besides stays, and is not followed', () => {
  const [root, outside] = [temporaryDirectory(), temporaryDirectory()];
  writeFileSync(join(outside, 'file'), 'host');
  makeScratch(root, '/.jtx-1', asked());
  mkdirSync(join(root, '.jtx-1/deep/er'), { recursive: true });
  symlinkSync(outside, join(root, '.jtx-1/out'));
  symlinkSync(outside, join(root, '.jtx-1/deep/out'));
  expect(removeScratch(root, '/.jtx-1')).toEqual([
    `${root}/.jtx-1 stays: the jail has made of it what cannot be removed.`,
  ]);
  expect(readdirSync(join(root, '.jtx-1'))).toEqual(['deep']);
  expect(readdirSync(join(root, '.jtx-1/deep')).sort()).toEqual(['er', 'out']);
  expect(readdirSync(outside)).toEqual(['file']);
});

test('what a jail has put into it under a name that is no text goes too', () => {
  const root = temporaryDirectory();
  makeScratch(root, '/.jtx-1', asked());
  writeFileSync(Buffer.from(`${root}/.jtx-1/\xe9`, 'latin1'), '');
  removeScratch(root, '/.jtx-1');
  expect(readdirSync(root)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')('what a jail has mounted on it keeps it there, and is told', () => {
  const root = temporaryDirectory();
  makeScratch(root, '/.jtx-1', asked());
  execFileSync('/bin/mount', ['-t', 'tmpfs', 'tmpfs', join(root, '.jtx-1')]);
  const said = removeScratch(root, '/.jtx-1');
  execFileSync('/bin/umount', [join(root, '.jtx-1')]);
  expect(said).toEqual([expect.stringContaining('.jtx-1 stays')]);
  expect(removeScratch(root, '/.jtx-1')).toEqual([]);
});

test('a link in its place is removed, and what it leads to stays', () => {
  const [root, outside] = [temporaryDirectory(), temporaryDirectory()];
  mkdirSync(join(outside, 'repos'));
  writeFileSync(join(outside, 'repos/own.conf'), 'host');
  symlinkSync(outside, join(root, '.jtx-1'));
  removeScratch(root, '/.jtx-1');
  expect([readdirSync(root), readdirSync(join(outside, 'repos'))]).toEqual([[], ['own.conf']]);
});
