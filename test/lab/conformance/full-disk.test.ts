import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, makeBench, plain } from './bench.ts';
import { installed, runPkg } from './run-pkg.ts';

const LARGE = {
  '/usr/local/share/large/x': Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * at) >> 7)),
};
const ZEROS = { '/usr/local/share/zeros/x': Buffer.alloc(30_000_000) };
let bench: Bench;
let mounted: string[];

beforeEach(() => {
  mounted = [];
});

afterEach(async () => {
  for (const path of mounted) execFileSync('umount', [path]);
  await bench.end();
});

function small(inside: string, options: string): void {
  mkdirSync(bench.root.path(inside), { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', bench.root.path(inside)]);
  mounted.push(bench.root.path(inside));
}

describe('a full disk', () => {
  it('is seen before anything is downloaded where the cache has no room', async () => {
    bench = await makeBench([plain('large', '1.0', { files: LARGE }), plain('tiny')]);
    small('var/cache/pkg', 'size=16k');
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny', 'large']);
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/Not enough space in \/var\/cache\/pkg, needed .* available .*/);
    expect(bench.server.requests.filter((path) => path.startsWith('All/'))).toEqual([]);
    expect(await installed(bench.root)).toEqual([]);
  });

  it('is not seen before extraction, which leaves its temporary tree', async () => {
    bench = await makeBench([plain('zeros', '1.0', { files: ZEROS })]);
    small('usr/local/share', 'size=2m');
    const run = await runPkg(bench.root, ['install', '-y', '--', 'zeros']);
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/Failed to extract .* Write error/);
    expect(await installed(bench.root)).toEqual([]);
    expect(readdirSync(bench.root.path('usr/local/share'))).toEqual([
      expect.stringMatching(/^\.pkgtemp\.zeros\./),
    ]);
  });

  it('keeps the database from being written where that lies on a read-only file system', async () => {
    bench = await makeBench([plain('tiny')]);
    small('var/db', 'ro,size=1m');
    const run = await runPkg(bench.root, ['install', '-y', '--', 'tiny']);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/Read-only file system|Insufficient privileges to install packages/);
  });

  it('leaves the lock rows behind where the database shares it, and is locked then', async () => {
    bench = await makeBench([plain('zeros', '1.0', { files: ZEROS }), plain('tiny')]);
    small('usr/local/share', 'size=4m');
    for (const path of ['usr/local/share/db', 'var/db/pkg'])
      mkdirSync(bench.root.path(path), { recursive: true });
    execFileSync('mount', ['--bind', bench.root.path('usr/local/share/db'), bench.root.path('var/db/pkg')]);
    mounted.unshift(bench.root.path('var/db/pkg'));
    const run = await runPkg(bench.root, ['install', '-y', '--', 'zeros']);
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/Failed to extract .* Write error/);
    expect(await installed(bench.root)).toEqual([]);
    const next = await runPkg(bench.root, ['install', '-yU', '--', 'tiny']);
    expect(next.status).not.toBe(0);
    expect(await installed(bench.root)).toEqual([]);
  });
});
