import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { JtxError } from '../../src/error.ts';
import { readInside, withinDirectory } from '../../src/host/inside-root.ts';
import { RootWalk } from '../../src/host/root-walk.ts';
import { carryFetched } from '../../src/pkg/fetched.ts';
import { makeScratch, removeScratch } from '../../src/transaction/scratch.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { startSwapping, startSwappingFor } from './swapper.ts';

/** A file of the host's, by each name that jtx opens, writes or removes. */
const names = ['pkg.conf', 'own.conf', 'x.pkg', 'x', 'events.sock'];

function outsideOf(): string {
  const outside = temporaryDirectory();
  for (const name of names) writeFileSync(join(outside, name), 'host');
  mkdirSync(join(outside, 'repos'));
  writeFileSync(join(outside, 'repos/own.conf'), 'host');
  return outside;
}

function expectUntouched(outside: string): void {
  expect(readdirSync(outside).sort()).toEqual([...names, 'repos'].sort());
  expect(readdirSync(join(outside, 'repos'))).toEqual(['own.conf']);
  for (const name of [...names, 'repos/own.conf'])
    expect(readFileSync(join(outside, name), 'utf8')).toBe('host');
}

/** Does it again and again while the other swaps; gives how often it was done, and how often it was refused. */
function race(...actions: (() => void)[]): { done: number; refused: number } {
  const counts = { done: 0, refused: 0 };
  const end = performance.now() + 1200;
  while (performance.now() < end) {
    for (const action of actions) {
      try {
        action();
        counts.done += 1;
      } catch (error) {
        // What it stood in has gone while it stood there: nothing that leads out.
        if (!(error instanceof JtxError) && !isMissing(error)) throw error;
        counts.refused += 1;
      }
    }
  }
  return counts;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTEMPTY');
}

const files = (): { pkgConfig: string; repoConfDir: string } => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'own.conf'), 'own');
  return { pkgConfig: join(directory, 'own.conf'), repoConfDir: directory };
};

test.each(['own', 'own/repos'])(
  'what pkg reads is put into no other place, and removed from none: %s',
  async (swapped) => {
    const [root, outside, asked] = [temporaryDirectory(), outsideOf(), files()];
    await startSwapping(join(root, swapped), outside);
    const made = race(
      () => makeScratch(root, 'own', asked),
      () => removeScratch(root, 'own'),
    );
    expect(made.done + made.refused).toBeGreaterThan(50);
    expectUntouched(outside);
  },
);

test.each(['var', 'var/db'])('nothing is written below %s', async (swapped) => {
  const [root, outside] = [temporaryDirectory(), outsideOf()];
  mkdirSync(join(root, 'var/db'), { recursive: true });
  await startSwapping(join(root, swapped), outside);
  const { done, refused } = race(() => withinDirectory(root, 'var/db', () => writeFileSync('written', 'x')));
  expect(done + refused).toBeGreaterThan(50);
  expectUntouched(outside);
});

test.each(['usr', 'usr/lib'])('nothing is read below %s', async (swapped) => {
  const [root, outside] = [temporaryDirectory(), outsideOf()];
  mkdirSync(join(outside, 'lib'));
  writeFileSync(join(outside, 'lib/x'), 'host');
  mkdirSync(join(root, 'usr/lib'), { recursive: true });
  writeFileSync(join(root, 'usr/lib/x'), 'jail');
  await startSwapping(join(root, swapped), outside);
  const read = new Set<string | undefined>();
  const walked = race(() => {
    RootWalk.within(root, (walk) => {
      read.add(walk.open('usr/lib/x', (file) => String(file.read(0, 9))));
      for (const name of walk.list('usr/lib')) expect(names).not.toContain(name === 'x' ? '' : name);
    });
  });
  const opened = race(() => read.add(readInside(root, 'usr/lib/x', 9)?.toString()));
  expect([...read].sort()).not.toContain('host');
  expect(read).toContain('jail');
  expect(walked.done + opened.done).toBeGreaterThan(50);
});

test.each([
  [
    'a link to a file of the host',
    (other: string, outside: string) => symlinkSync(join(outside, 'x'), other),
  ],
  ['a FIFO', (other: string) => execFileSync('mkfifo', [other])],
])('a file that is swapped for %s is not read, nor waited for', async (_what, make) => {
  const [root, outside, other] = [temporaryDirectory(), outsideOf(), join(temporaryDirectory(), 'other')];
  writeFileSync(join(root, 'x'), 'jail');
  make(other, outside);
  await startSwappingFor(join(root, 'x'), other);
  const read = new Set<string | undefined>();
  const walked = race(() => {
    RootWalk.within(root, (walk) => read.add(walk.open('x', (file) => String(file.read(0, 9)))));
  });
  const opened = race(() => read.add(readInside(root, 'x', 9)?.toString()));
  expect([...read].filter((one) => one !== undefined)).toEqual(['jail']);
  expect(walked.done + opened.done).toBeGreaterThan(50);
});

test.each(['var', 'var/cache', 'var/cache/pkg'])(
  'what was downloaded is carried to no other place: %s',
  async (swapped) => {
    const [from, root, outside] = [temporaryDirectory(), temporaryDirectory(), outsideOf()];
    for (const at of [from, root]) mkdirSync(join(at, 'var/cache/pkg'), { recursive: true });
    mkdirSync(join(outside, 'pkg'));
    mkdirSync(join(outside, 'cache/pkg'), { recursive: true });
    writeFileSync(join(from, 'var/cache/pkg/x.pkg'), 'downloaded');
    symlinkSync('x.pkg', join(from, 'var/cache/pkg/x'));
    await startSwapping(join(root, swapped), outside);
    const { done, refused } = race(() => carryFetched(from, root));
    expect(done + refused).toBeGreaterThan(50);
    expect([...readdirSync(join(outside, 'pkg')), ...readdirSync(join(outside, 'cache/pkg'))]).toEqual([]);
    for (const name of names) expect(readFileSync(join(outside, name), 'utf8')).toBe('host');
  },
);
