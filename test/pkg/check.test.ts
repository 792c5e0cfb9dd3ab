import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Finished, Run } from '../../src/host/run.ts';
import { checkChanged, parseMissing, parseSums } from '../../src/pkg/check.ts';
import type { PkgSettings } from '../../src/pkg/command.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { transcript } from './transcript.ts';

const settings: PkgSettings = {
  pkg: '/pkg',
  root: '/jail',
  scratch: '/.jtx-01',
  abi: 'FreeBSD:14:amd64',
  osversion: 1401000,
  repositories: false,
  rootdir: false,
  scripts: 'in-jail',
  options: [],
};

type Answer = Partial<Omit<Finished, 'command'>>;

/** Checks with a pkg that gives these answers; also what it was asked. */
async function check(
  present: string[],
  gone: string[],
  sums: Answer,
  dependencies: Answer = {},
  root = settings.root,
) {
  const asked: string[] = [];
  const run: Run = (command) => {
    const verb = command.slice(command.indexOf('check')).join(' ');
    asked.push(verb);
    const answer = verb.includes('-sq')
      ? sums
      : verb.includes('-dnq')
        ? dependencies
        : both(sums, dependencies);
    return Promise.resolve({ command, status: 0, stdout: '', stderr: '', hung: false, ...answer });
  };
  return { findings: await checkChanged(run, { ...settings, root }, {}, present, gone), asked };
}

/** What one pkg says that looks for both. */
function both(one: Answer, other: Answer): Answer {
  return { ...other, ...one, stdout: `${one.stdout ?? ''}${other.stdout ?? ''}` };
}

test('sums of what is there and dependencies of all are looked at, and nothing is installed', async () => {
  const { findings, asked } = await check(['a', 'b'], ['c'], {});
  expect(asked).toEqual(['check -sq -- a b', 'check -dnq -a']);
  expect(findings).toEqual([]);
  expect((await check([], ['c'], {})).asked).toEqual(['check -dnq -a']);
  expect((await check(['a', 'b'], [], {})).asked).toEqual(['check -dsnq -- a b']);
});

test('what a real pkg said of a changed and a missing file', async () => {
  const { findings } = await check(['hello', 'tiny'], [], transcript('missing-file', 'check -sq -a'));
  expect(findings).toEqual([
    'hello-1.0: checksum mismatch for /usr/local/bin/hello.sh',
    'tiny-1.0: missing file /usr/local/share/tiny/a.txt',
  ]);
});

test.each<[string, string[], string[], string[]]>([
  ['a\tb', ['a'], [], ['a needs b, which is not there']],
  ['a-1.0_2,1\tlibx.so.1', ['a'], [], ['a-1.0_2,1 needs libx.so.1, which is not there']],
  ['z\tb', [], ['b'], ['z needs b, which is not there']],
  // Broken before, and none of this change's business.
  ['z\tb', ['a'], ['c'], []],
  ['a-extra\tb', ['a'], [], []],
  ['a-extra-1.0\tb', ['a'], [], []],
  ['noise\n\nx\t', ['noise', 'x'], [], []],
])('dependencies: %j of %j, without %j', async (stdout, present, gone, expected) => {
  expect((await check(present, gone, {}, { stdout: `${stdout}\n` })).findings).toEqual(expected);
});

test('libraries of 32 bits are missed only where the base has a linker for them', async () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'base'));
  symlinkSync('/base', join(root, 'libexec'));
  const dependencies = { stdout: 'wine\tlibc.so.7:32\nwine\tlibx.so.1\n' };
  const missed = async () => (await check(['wine'], [], {}, dependencies, root)).findings;
  expect(await missed()).toEqual(['wine needs libx.so.1, which is not there']);
  writeFileSync(join(root, 'base/ld-elf32.so.1'), '');
  expect(await missed()).toEqual([
    'wine needs libc.so.7:32, which is not there',
    'wine needs libx.so.1, which is not there',
  ]);
});

test('a check that failed is no good check', async () => {
  expect((await check(['a'], [], { status: 1, stderr: 'pkg: boom\n' })).findings).toEqual([
    'pkg check -dsnq ended with status 1: pkg: boom',
  ]);
  expect((await check([], ['c'], {}, { status: 139 })).findings).toHaveLength(1);
  expect((await check(['a'], [], { hung: true })).findings).toHaveLength(1);
  expect((await check(['a'], ['c'], { hung: true })).findings).toHaveLength(1);
  // What others have missed for long makes it none.
  expect((await check(['a'], ['c'], {}, { status: 1, stdout: 'z\tb\n' })).findings).toEqual([]);
});

test('the lines', () => {
  expect(parseSums('a-1: missing file /x: y\nChecking all packages... done\n')).toEqual([
    'a-1: missing file /x: y',
  ]);
  expect(parseMissing('a\tb\nc\n')).toEqual([{ name: 'a', missing: 'b' }]);
});
